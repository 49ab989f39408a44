// The client of coder/websocket under Autobahn's protocol.
package main

import (
	"context"
	"fmt"
	"net/url"
	"strconv"

	"github.com/coder/websocket"
)

func dial(address string) (*websocket.Conn, error) {
	connection, _, err := websocket.Dial(context.Background(), address, &websocket.DialOptions{
		CompressionMode: websocket.CompressionContextTakeover, // off by default
	})
	return connection, err
}

func runCases(base string, agent string) error {
	connection, err := dial(base + "getCaseCount")
	if err != nil {
		return err
	}
	_, answer, err := connection.Read(context.Background())
	connection.CloseNow()
	if err != nil {
		return err
	}
	count, err := strconv.Atoi(string(answer))
	if err != nil {
		return err
	}
	name := url.QueryEscape(agent)
	for number := 1; number <= count; number++ {
		echoFrom(fmt.Sprintf("%srunCase?case=%d&agent=%s", base, number, name))
	}
	echoFrom(fmt.Sprintf("%supdateReports?agent=%s", base, name))
	return nil
}

// echoFrom connects and echoes; a case that ends badly is the harness's to know.
func echoFrom(address string) {
	connection, err := dial(address)
	if err != nil {
		return
	}
	defer connection.CloseNow()
	echoAll(connection)
}
