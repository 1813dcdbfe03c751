package server

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
)

// question asks for what a live server answers with 200.
const question = "GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

// A memoryConn is a connection of the server to itself, which is not observed.
type memoryConn struct{ net.Conn }

// Answers sends the server a request, which passes through the engine and the handler as a
// visitor's does, and returns an error if no answer comes before ctx is done. The
// connection is in memory, so neither the network nor a limit of connections keeps it from
// an answer: a restart would cure neither. Metrics do not count it.
func (s *Server) Answers(ctx context.Context) error {
	client, served := net.Pipe()
	defer func() { _ = client.Close() }() // which ends the engine's side, too
	stop := context.AfterFunc(ctx, func() { _ = client.Close() })
	defer stop()
	go func() { _ = s.http.ServeConn(memoryConn{served}) }() // its error is the client's end
	if _, err := client.Write([]byte(question)); err != nil {
		return fmt.Errorf("ask for /livez: %w", cmp.Or(ctx.Err(), err))
	}
	answer, err := http.ReadResponse(bufio.NewReader(client), nil)
	if err != nil {
		return fmt.Errorf("answer of /livez: %w", cmp.Or(ctx.Err(), err))
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("answer of /livez: %s", answer.Status)
	}
	return nil
}
