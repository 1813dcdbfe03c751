package web

import (
	"cmp"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/client"
	"pagesession/internal/health"
	"pagesession/internal/page"
	"pagesession/internal/servers"
)

// The paths of the probes.
const (
	livePath  = "/livez"
	readyPath = "/readyz"
)

func isProbe(path string) bool { return path == livePath || path == readyPath }

// live answers /livez: the process is there and answers.
func (s *site) live(c *fiber.Ctx) error {
	return probe(c, fiber.StatusOK, "ok")
}

// notReady begins the answer of /readyz while it is 503.
const notReady = "not ready: "

// readiness answers /readyz: 503 while starting or draining, with the reason. A session file that
// cannot be written leaves it at 200, because visits and ends go on, and so do accounts
// that are unavailable. With ?verbose a line for each of them follows; to this machine also one
// for each limit, which would tell attackers how far they are.
func (s *site) readiness(c *fiber.Ctx) error {
	more := ""
	if c.Context().QueryArgs().Has("verbose") {
		more = fileLines(s.Files()) + serverLine(s.Servers())
		if client.Local(c.Context()) {
			more += useLines(s.Uses())
		}
	}
	if s.Ready() {
		return probe(c, fiber.StatusOK, "ready"+more)
	}
	c.Set(fiber.HeaderRetryAfter, "1")
	return probe(c, fiber.StatusServiceUnavailable, notReady+s.NotReady()+more)
}

func useLines(uses []health.Use) string {
	var b strings.Builder
	for _, u := range uses {
		b.WriteString("\n" + u.String())
	}
	return b.String()
}

// serverLine names the servers that share the sessions. It leaves out their versions, because
// anyone may ask for /readyz.
func serverLine(list []servers.Server) string {
	if len(list) == 0 {
		return ""
	}
	names := make([]string, len(list))
	for i, s := range list {
		names[i] = s.Name
	}
	return "\nservers: " + strings.Join(names, ", ")
}

// fileLines leaves out paths and errors, because anyone may ask for /readyz.
func fileLines(files []health.File) string {
	var b strings.Builder
	for _, f := range files {
		if f.OfServers() {
			b.WriteString("\n" + f.Name + ": they differ in something that has to be the same; pagesession status says what")
			continue
		}
		if !f.OfBackups() {
			b.WriteString("\n" + f.Name + ": " + f.State)
		}
		if !f.OK() {
			b.WriteString(" since " + f.Since.UTC().Format(time.RFC3339) + ". " + strings.Join([]string{f.Works, f.Refused, f.Do}, " "))
		}
		if notice := cmp.Or(f.Public, f.Notice); notice != "" {
			b.WriteString("\n" + f.Name + ": " + notice)
		}
	}
	return b.String()
}

func probe(c *fiber.Ctx, code int, text string) error {
	page.NoStore(c)
	c.Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8)
	return c.Status(code).SendString(text)
}
