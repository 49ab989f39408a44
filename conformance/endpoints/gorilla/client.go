// The client of gorilla/websocket under Autobahn's protocol.
package main

import (
	"fmt"
	"net/url"
	"strconv"

	"github.com/gorilla/websocket"
)

var dialer = websocket.Dialer{EnableCompression: true} // off by default

func runCases(base string, agent string) error {
	connection, _, err := dialer.Dial(base+"getCaseCount", nil)
	if err != nil {
		return err
	}
	_, answer, err := connection.ReadMessage()
	connection.Close()
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
	connection, _, err := dialer.Dial(address, nil)
	if err != nil {
		return
	}
	defer connection.Close()
	echoAll(connection)
}
