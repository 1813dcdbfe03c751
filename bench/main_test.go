package main

import (
	"net"
	"os"
	"testing"
	"time"
)

// TestMain lets the test binary be what the bench starts: a peer, the bench
// itself, a peer that dies, or a stand-in for the product.
func TestMain(m *testing.M) {
	os.Setenv("GORACE", "atexit_sleep_ms=0") // of the children: a second each
	switch {
	case len(os.Args) > 2 && os.Args[1] == peerArgument && os.Args[2] == "dying":
		serveDyingPeer()
	case len(os.Args) > 2 && os.Args[1] == "--addr":
		serveStandIn()
	case len(os.Args) > 1 && os.Args[1] == peerArgument, os.Getenv("PAGESESSION_BENCH_TEST") == "main":
		main()
	}
	code := m.Run()
	removeBuilt()
	os.Exit(code)
}

// serve runs an app on a free port until the test ends and returns its URL.
func serve(t *testing.T, app peerServer) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- app.Listener(listener) }()
	t.Cleanup(func() {
		if err := app.ShutdownWithTimeout(5 * time.Second); err != nil {
			t.Errorf("shut down the peer: %v", err)
		}
		if err := <-ended; err != nil {
			t.Errorf("serve the peer: %v", err)
		}
	})
	return "http://" + listener.Addr().String()
}

// clients returns the own client, and wrk's where it is installed, with the
// shortest load that each can do.
func clients(t *testing.T) map[string]clientUnderTest {
	t.Helper()
	all := map[string]clientUnderTest{"own": {ownClient{}, 200 * time.Millisecond}}
	wrk, err := chooseClient("wrk", t.TempDir())
	if err != nil {
		t.Logf("wrk is not tested: %v", err)
		return all
	}
	all["wrk"] = clientUnderTest{wrk, time.Second}
	return all
}

type clientUnderTest struct {
	client
	duration time.Duration
}

// testLoad is a small load of that length.
func (c clientUnderTest) testLoad(url string, ids []string) load {
	return load{
		url: url + "/get/", ids: ids, expect: expectation{marker: liveMarker, cookie: true},
		connections: 8, threads: 2, duration: c.duration,
	}
}
