package main

import (
	"fmt"
	"time"
)

// A countdown guesses how long a number of steps will still take, from those
// that are done.
type countdown struct {
	total, done int
	began       time.Time
}

func newCountdown(total int) *countdown { return &countdown{total: total, began: time.Now()} }

func (c *countdown) step() { c.done++ }

// say is ", about 1m20s left", or nothing before there is something to guess
// from.
func (c *countdown) say() string {
	if c.done == 0 {
		return ""
	}
	each := time.Since(c.began) / time.Duration(c.done)
	return fmt.Sprintf(", about %s left", (each * time.Duration(c.total-c.done)).Round(time.Second))
}
