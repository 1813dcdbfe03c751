package scenario

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
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
	url    string // of the server
	cookie string
	http   *http.Client
}

// The operator's name; the password is made up for each run.
const operatorName = "operator"

// createOperator makes a superuser in the data folder of a product that is not running,
// and returns the password.
func createOperator(ctx context.Context, w peer.Workshop, dir string) (string, error) {
	password := rand.Text()
	cmd := exec.CommandContext(ctx, w.Product, "createsuperuser", "--noinput", "--data-dir", filepath.Join(dir, "data"))
	cmd.Env = append(os.Environ(), "PAGESESSION_SUPERUSER_USERNAME="+operatorName, "PAGESESSION_SUPERUSER_PASSWORD="+password)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("make an operator: %w: %s", err, out)
	}
	return password, nil
}

// signIn opens the console as a browser's form does.
func signIn(ctx context.Context, base, password string) (*operator, error) {
	o := &operator{url: base, http: httpWithoutRedirects()}
	form := url.Values{"username": {operatorName}, "password": {password}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/admin/login/", strings.NewReader(form.Encode()))
	if err != nil {
		return nil, fmt.Errorf("sign in: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	res, err := o.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("sign in: %w", err)
	}
	defer res.Body.Close()
	for _, c := range res.Cookies() {
		if c.Name == "adminid" && res.StatusCode == http.StatusSeeOther {
			o.cookie = c.Name + "=" + c.Value
			return o, nil
		}
	}
	return nil, fmt.Errorf("sign in: status %d without a session", res.StatusCode)
}

// httpWithoutRedirects shows where a sign-in sends, and an answer to a client that
// is not signed in as what it is.
func httpWithoutRedirects() *http.Client {
	return &http.Client{
		Timeout:       load.AnswerTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// open asks for a page of the console, and takes nothing but that page.
func (o *operator) open(ctx context.Context, with *http.Client, path string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, "GET", o.url+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Cookie", o.cookie)
	res, err := with.Do(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != 200 {
		res.Body.Close()
		return nil, fmt.Errorf("the console answered %s with status %d", path, res.StatusCode)
	}
	return res, nil
}

// list reads a page of the list of sessions and returns how long that took.
func (o *operator) list(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	res, err := o.open(ctx, o.http, "/admin/sessions/")
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && !strings.Contains(string(body), "1 to ") {
		err = errors.New("the console's list shows no sessions")
	}
	return time.Since(began), err
}

// watch opens a dashboard, page and stream, and reads the stream until the
// window ends, at least its first bytes.
func (o *operator) watch(ctx, window context.Context) error {
	page, err := o.open(ctx, o.http, "/admin/")
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, page.Body)
	if err := errors.Join(err, page.Body.Close()); err != nil {
		return err
	}
	streaming := httpWithoutRedirects()
	streaming.Timeout = 0
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	stream, err := o.open(ctx, streaming, "/admin/stream/")
	if err != nil {
		return err
	}
	defer stream.Body.Close()
	if _, err := stream.Body.Read(make([]byte, 1)); err != nil {
		return fmt.Errorf("the console's stream said nothing: %w", err)
	}
	defer context.AfterFunc(window, leave)()
	if _, err = io.Copy(io.Discard, stream.Body); window.Err() == nil {
		return fmt.Errorf("the console's stream ended: %w", errors.Join(err, io.ErrUnexpectedEOF))
	}
	return nil
}
