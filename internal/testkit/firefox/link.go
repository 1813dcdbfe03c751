package firefox

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/net/websocket"
)

// A link is the WebSocket to the browser. Its goroutine, read, ends with the connection.
type link struct {
	ws    *websocket.Conn
	ended chan struct{} // closed when read has ended

	mu      sync.Mutex // protects what follows
	last    int        // the last command's number
	pending map[int]chan message
	tabs    map[string]*Tab // by their context
}

// A message is what the browser sends: the answer to a command, or an event.
type message struct {
	ID      int             `json:"id"`
	Result  json.RawMessage `json:"result"`
	Error   string          `json:"error"`
	Message string          `json:"message"`
	Method  string          `json:"method"`
	Params  json.RawMessage `json:"params"`
}

// none are the parameters of a command that has none.
type none struct{}

var errHungUp = errors.New("the connection to Firefox has ended")

func newLink(ws *websocket.Conn) *link {
	ws.MaxPayloadBytes = 64 << 20 // a picture of a long page
	l := &link{ws: ws, ended: make(chan struct{}), pending: map[int]chan message{}, tabs: map[string]*Tab{}}
	go l.read()
	return l
}

// begin makes the one session of the browser, which sends events of all tabs.
func (l *link) begin() error {
	capabilities := map[string]any{"capabilities": map[string]any{"alwaysMatch": map[string]any{"unhandledPromptBehavior": map[string]string{"default": "accept"}}}}
	events := map[string][]string{"events": {"log.entryAdded", "network.beforeRequestSent", "script.message"}}
	return errors.Join(l.ask("session.new", capabilities, nil), l.ask("session.subscribe", events, nil))
}

func (l *link) close() {
	_ = l.ws.Close()
	<-l.ended
}

// read passes messages on until the connection ends.
func (l *link) read() {
	defer close(l.ended)
	for {
		var m message
		if err := websocket.JSON.Receive(l.ws, &m); err != nil {
			return
		}
		if m.Method != "" {
			l.notice(m)
			continue
		}
		l.mu.Lock()
		answer := l.pending[m.ID]
		delete(l.pending, m.ID)
		l.mu.Unlock()
		if answer != nil {
			answer <- m
		}
	}
}

// ask sends a command and waits for its answer, which it decodes into result unless that
// is nil.
func (l *link) ask(method string, params, result any) error {
	id, answer := l.expect()
	command := map[string]any{"id": id, "method": method, "params": params}
	if err := websocket.JSON.Send(l.ws, command); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	select {
	case m := <-answer:
		if m.Error != "" {
			return fmt.Errorf("%s: %s: %s", method, m.Error, m.Message)
		}
		if result == nil {
			return nil
		}
		return json.Unmarshal(m.Result, result)
	case <-l.ended:
		return fmt.Errorf("%s: %w", method, errHungUp)
	case <-time.After(startTime): // the first commands come while Firefox still starts
		return fmt.Errorf("%s: no answer in %v", method, startTime)
	}
}

// expect returns the number of the next command, and where its answer comes.
func (l *link) expect() (int, chan message) {
	answer := make(chan message, 1)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last++
	l.pending[l.last] = answer
	return l.last, answer
}
