// An echo on gorilla/websocket: gorilla server PORT, gorilla client URL AGENT
package main

import (
	"net/http"
	"os"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

var upgrader = websocket.Upgrader{
	EnableCompression: true, // off by default
	CheckOrigin:       func(*http.Request) bool { return true },
}

// isText says whether a message may be a text; gorilla leaves that to the application.
func isText(kind int, message []byte) bool {
	return kind != websocket.TextMessage || utf8.Valid(message)
}

func echo(writer http.ResponseWriter, request *http.Request) {
	connection, err := upgrader.Upgrade(writer, request, nil)
	if err != nil {
		return // Upgrade has answered
	}
	defer connection.Close()
	echoAll(connection)
}

// echoAll sends every message back until the connection is over.
func echoAll(connection *websocket.Conn) {
	for {
		kind, message, err := connection.ReadMessage()
		if err != nil {
			return
		}
		if !isText(kind, message) {
			connection.WriteControl(websocket.CloseMessage,
				websocket.FormatCloseMessage(websocket.CloseInvalidFramePayloadData, ""),
				time.Time{})
			return
		}
		if connection.WriteMessage(kind, message) != nil {
			return
		}
	}
}

func serve(port string) error {
	return http.ListenAndServe("127.0.0.1:"+port, http.HandlerFunc(echo))
}

func main() {
	switch {
	case len(os.Args) == 3 && os.Args[1] == "server":
		panic(serve(os.Args[2]))
	case len(os.Args) == 4 && os.Args[1] == "client":
		if err := runCases(os.Args[2], os.Args[3]); err != nil {
			panic(err)
		}
	default:
		panic("gorilla server PORT | gorilla client URL AGENT")
	}
}
