package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofiber/fiber/v2"
)

// constantFile is where the constant peer finds what to answer.
const constantFile = "body.html"

// startConstant starts the peer that answers with constant bytes: those that
// ours answered with, so that both send as many.
func startConstant(ctx context.Context, w workshop, dir string) (server, error) {
	if w.body != nil {
		if err := os.WriteFile(filepath.Join(dir, constantFile), w.body, 0o600); err != nil {
			return server{}, fmt.Errorf("start peer constant: %w", err)
		}
	}
	return selfStarter("constant")(ctx, w, dir)
}

// constantPeerHere answers with the file in its folder. Without one, ours was
// not asked: then the peers' own page, rendered once, is near enough.
func constantPeerHere() (peerServer, error) {
	body, err := os.ReadFile(constantFile)
	if errors.Is(err, fs.ErrNotExist) {
		body, err = renderOnce()
	}
	if err != nil {
		return nil, fmt.Errorf("peer constant: %w", err)
	}
	return constantPeer(body), nil
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

// constantPeer answers /get/ with the same bytes each time, and knows neither
// sessions nor templates: the most that Fiber can do at this size.
func constantPeer(body []byte) *fiber.App {
	app := newPeerApp()
	app.Get("/get/", func(c *fiber.Ctx) error {
		c.Type("html", "utf-8")
		return c.Send(body)
	})
	return app
}
