package load

import (
	"errors"
	"fmt"
)

// Verify asks the server a little before the load: a right request has to be
// judged good, and an id that no server issued must not be. Without the
// second, a server that shows the page to everybody would win. It returns the
// size of a good body.
func Verify(l Load) (size int, err error) {
	id := ""
	if len(l.IDs) > 0 {
		id = l.IDs[0]
	}
	v, body, err := Once(l, id)
	if err != nil {
		return 0, err
	}
	if v != Good {
		return 0, fmt.Errorf("before the load, %s gave no good answer but: %.300q", l.URL, body)
	}
	if id == "" {
		return len(body), nil
	}
	v, _, err = Once(l, Strangers(1)[0])
	if err == nil && v == Good {
		err = errors.New("the server serves an id that no server issued: its sessions prove nothing")
	}
	return len(body), err
}

// Once sends one request of the load, with that id or none, and returns its
// verdict and the body.
func Once(l Load, id string) (Verdict, string, error) {
	conn, err := Dial(l.URL)
	if err != nil {
		return NoAnswer, "", err
	}
	defer conn.Close()
	if _, err := conn.Get(l.URL[len(conn.base):], id); err != nil {
		return NoAnswer, "", fmt.Errorf("%s gave no answer: %w", l.URL, err)
	}
	return conn.Judge(l.Expect), string(conn.Body()), nil
}
