// An echo on coder/websocket: coder server PORT, coder client URL AGENT
package main

import (
	"context"
	"net/http"
	"os"
	"unicode/utf8"

	"github.com/coder/websocket"
)

const maxMessage = 64 << 20 // 32 KiB unless it is set

func echo(writer http.ResponseWriter, request *http.Request) {
	connection, err := websocket.Accept(writer, request, &websocket.AcceptOptions{
		InsecureSkipVerify: true,                                 // any Origin
		CompressionMode:    websocket.CompressionContextTakeover, // off by default
	})
	if err != nil {
		return // Accept has answered
	}
	defer connection.CloseNow()
	echoAll(connection)
}

// isText says whether a message may be a text; coder leaves that to the application.
func isText(kind websocket.MessageType, message []byte) bool {
	return kind != websocket.MessageText || utf8.Valid(message)
}

// echoAll sends every message back until the connection is over.
func echoAll(connection *websocket.Conn) {
	connection.SetReadLimit(maxMessage)
	for {
		kind, message, err := connection.Read(context.Background())
		if err != nil {
			return
		}
		if !isText(kind, message) {
			connection.Close(websocket.StatusInvalidFramePayloadData, "")
			return
		}
		if connection.Write(context.Background(), kind, message) != nil {
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
		panic("coder server PORT | coder client URL AGENT")
	}
}
