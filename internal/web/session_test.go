package web

import (
	"testing"
	"time"

	"pagesession/session"
	"pagesession/storage/record"
)

func TestSessionShow(t *testing.T) {
	never := liveView("Sonam")
	never.Remaining, never.IdleTimeout, never.AbsoluteRemaining = 0, 0, 0
	odd := liveView("<&\u2028\"")
	odd.Remaining = 1500*time.Millisecond + 1
	tests := []struct {
		view session.View
		want string
	}{
		{liveView("Sonam"), `{"state":"live","reason":"","remaining_ms":16800,"idle_timeout_ms":20000,"absolute_remaining_ms":43197000,"name":"Sonam"}`},
		{odd, `{"state":"live","reason":"","remaining_ms":1501,"idle_timeout_ms":20000,"absolute_remaining_ms":43197000,"name":"\u003c\u0026\u2028\""}`},
		{never, `{"state":"live","reason":"","remaining_ms":null,"idle_timeout_ms":null,"absolute_remaining_ms":null,"name":"Sonam"}`},
		{session.View{}, `{"state":"none","reason":"","remaining_ms":0,"idle_timeout_ms":0,"absolute_remaining_ms":0,"name":""}`},
		{endedView(record.Revoked), `{"state":"ended","reason":"revoked","remaining_ms":0,"idle_timeout_ms":0,"absolute_remaining_ms":0,"name":""}`},
	}
	for _, tt := range tests {
		app, _ := newApp(t, tt.view)
		a := ask(t, app, "GET", "/session/", "")
		if a.Text != tt.want {
			t.Errorf("GET /session/ = %s; want %s", a.Text, tt.want)
		}
		if kind := a.Header.Get("Content-Type"); kind != "application/json; charset=utf-8" {
			t.Errorf("Content-Type = %q", kind)
		}
		if c := cookies(a); c != nil {
			t.Errorf("Set-Cookie = %q; want none", c)
		}
	}
}
