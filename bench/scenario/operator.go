package scenario

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"pagesession/bench/load"
	"pagesession/bench/peer"
)

// An operator is signed in to the console of a product under load.
type operator struct {
	url  string // of the server
	http *http.Client
}

// operatorName is the operator's name. Each run has a new password.
const operatorName = "operator"

// createOperator adds a superuser before the product starts, and returns the password.
func createOperator(ctx context.Context, w peer.Workshop, dir string) (string, error) {
	password := rand.Text()
	cmd := exec.CommandContext(ctx, w.Product, "createsuperuser", "--noinput", "--data-dir", filepath.Join(dir, "data"))
	cmd.Env = append(os.Environ(), "PAGESESSION_SUPERUSER_USERNAME="+operatorName, "PAGESESSION_SUPERUSER_PASSWORD="+password)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("create an operator: %w: %s", err, out)
	}
	return password, nil
}

// newOperator returns an operator who is not signed in yet, and follows no redirect.
func newOperator(base string) *operator {
	jar, _ := cookiejar.New(nil) // never an error
	return &operator{url: base, http: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// signIn signs in to the console as a browser's form does.
func signIn(ctx context.Context, base, password string) (*operator, error) {
	o := newOperator(base)
	form := url.Values{"username": {operatorName}, "password": {password}}
	res, err := o.ask(ctx, http.MethodPost, "/admin/login/", strings.NewReader(form.Encode()))
	if err != nil {
		return nil, fmt.Errorf("sign in: %w", err)
	}
	if res.Body.Close(); res.StatusCode != http.StatusSeeOther || len(res.Cookies()) == 0 {
		return nil, fmt.Errorf("sign in: status %d without a session", res.StatusCode)
	}
	return o, nil
}

func (o *operator) ask(ctx context.Context, method, path string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, o.url+path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return o.http.Do(req)
}

// open requests a page of the console. Any status but 200 is an error.
func (o *operator) open(ctx context.Context, path string) (io.ReadCloser, error) {
	res, err := o.ask(ctx, http.MethodGet, path, nil)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		res.Body.Close()
		return nil, fmt.Errorf("the console answered %s with status %d", path, res.StatusCode)
	}
	return res.Body, nil
}

// read reads a page of the console.
func (o *operator) read(ctx context.Context, path string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, load.AnswerTimeout)
	defer cancel()
	page, err := o.open(ctx, path)
	if err != nil {
		return "", err
	}
	defer page.Close()
	body, err := io.ReadAll(page)
	return string(body), err
}

// list reads a page of the session list and returns how long that took.
func (o *operator) list(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	body, err := o.read(ctx, "/admin/sessions/")
	if err == nil && !strings.Contains(body, "1 to ") {
		err = errors.New("the console's session list is empty")
	}
	return time.Since(began), err
}

// watch opens a dashboard and reads its stream, at least a byte, until the window ends.
func (o *operator) watch(ctx, window context.Context) error {
	if _, err := o.read(ctx, "/admin/"); err != nil {
		return err
	}
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	stream, err := o.open(ctx, "/admin/stream/")
	if err != nil {
		return err
	}
	defer stream.Close()
	if _, err := stream.Read(make([]byte, 1)); err != nil {
		return fmt.Errorf("read the console's stream: %w", err)
	}
	defer context.AfterFunc(window, leave)()
	if _, err = io.Copy(io.Discard, stream); window.Err() == nil {
		return fmt.Errorf("the console's stream ended early: %w", errors.Join(err, io.ErrUnexpectedEOF))
	}
	return nil
}
