package nethttp_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"pagesession/session"
	"pagesession/session/nethttp"
	"pagesession/session/storetest"
)

func Example() {
	cfg := nethttp.DefaultConfig()
	cfg.Store = &storetest.Memory{} // use storage.Storage.Sessions to survive a restart
	sessions, err := nethttp.New(cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	set := func(w http.ResponseWriter, r *http.Request) {
		_, err := sessions.Start(w, r, func(d *session.Draft) error {
			d.Set("name", "Ada")
			return nil
		})
		if err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
		}
	}
	get := func(w http.ResponseWriter, r *http.Request) {
		view, err := sessions.Refresh(w, r)
		if err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
		fmt.Println(view.State, view.Values.String("name"))
	}

	answer := httptest.NewRecorder()
	set(answer, httptest.NewRequest("POST", "/set", nil))
	cookie := answer.Result().Cookies()[0]
	request := httptest.NewRequest("GET", "/get", nil)
	request.AddCookie(cookie)
	get(httptest.NewRecorder(), request)
	fmt.Println(cookie.MaxAge, "s")
	// Output:
	// live Ada
	// 20 s
}

// The page's part is two lines: the script and the tag.
func ExampleSessions_Clock() {
	cfg := nethttp.DefaultConfig()
	cfg.Store = &storetest.Memory{}
	sessions, err := nethttp.New(cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	sessions.Clock(mux, "/session/")

	answer := httptest.NewRecorder()
	mux.ServeHTTP(answer, httptest.NewRequest("GET", "/session/", nil))
	fmt.Println(answer.Body)
	// Output: {"state":"none","reason":"","remaining_ms":0,"idle_timeout_ms":0,"absolute_remaining_ms":0}
}
