package session

import (
	"net/http"
	"testing"
	"time"
)

// The test tries every second of some days, and a day of every month and weekday.
func TestAppendHTTPDate(t *testing.T) {
	start := time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)
	for i := range 2 * 24 * 3600 {
		checkHTTPDate(t, start.Add(time.Duration(i)*time.Second))
	}
	for i := range 800 {
		checkHTTPDate(t, start.AddDate(0, 0, i))
	}
}

func checkHTTPDate(t *testing.T, at time.Time) {
	t.Helper()
	if got, want := string(appendHTTPDate(nil, at)), at.Format(http.TimeFormat); got != want {
		t.Fatalf("appendHTTPDate = %q; want %q", got, want)
	}
}
