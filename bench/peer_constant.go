package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// constantFile is where the constant peer finds what to answer.
const constantFile = "answer.http"

// startConstant starts the peer that answers with constant bytes: those that
// ours answered with, headers included. So both send as many, and the client
// has the same headers to read, which costs it as much as a peer takes.
func startConstant(ctx context.Context, w workshop, dir string) (server, error) {
	if w.answer != nil {
		if err := os.WriteFile(filepath.Join(dir, constantFile), w.answer, 0o600); err != nil {
			return server{}, fmt.Errorf("start peer constant: %w", err)
		}
	}
	return selfStarter("constant")(ctx, w, dir)
}

// constantPeerHere answers with the file in its folder. Without one, ours was
// not asked: then the peers' own page, rendered once, is near enough.
func constantPeerHere() (peerServer, error) {
	raw, err := os.ReadFile(constantFile)
	if errors.Is(err, fs.ErrNotExist) {
		page, err := renderOnce()
		return constantPeer(htmlAnswer(page)), err
	}
	if err != nil {
		return nil, fmt.Errorf("peer constant: %w", err)
	}
	answer := new(fasthttp.Response)
	if err := answer.Read(bufio.NewReader(bytes.NewReader(raw))); err != nil {
		return nil, fmt.Errorf("peer constant: read %s: %w", constantFile, err)
	}
	return constantPeer(answer), nil
}

func htmlAnswer(page []byte) *fasthttp.Response {
	answer := new(fasthttp.Response)
	answer.Header.SetContentType("text/html; charset=utf-8")
	answer.SetBodyRaw(page)
	return answer
}

// renderOnce is the peers' page as bytes.
func renderOnce() ([]byte, error) {
	page, err := peerTemplates()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = page.ExecuteTemplate(&out, getTemplate, newPeerPage(visitorName, time.Now()))
	return out.Bytes(), err
}

// constantPeer answers /get/ with the same each time, and knows neither
// sessions nor templates: the most that Fiber can do at this size.
func constantPeer(answer *fasthttp.Response) *fiber.App {
	app, body := newPeerApp(), answer.Body()
	app.Get("/get/", func(c *fiber.Ctx) error {
		answer.Header.CopyTo(&c.Response().Header)
		c.Response().SetBodyRaw(body)
		return nil
	})
	return app
}
