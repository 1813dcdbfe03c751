package redis_test

import (
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"

	testredis "pagesession/internal/testkit/redis"
	"pagesession/storage/redis"
)

var aclRule = regexp.MustCompile("(?m)^ACL SETUSER pagesession .*$")

// Open works with the rule in SCALING.md, and names each command of it that is missing.
func TestOpen_DocumentedUser(t *testing.T) {
	text, err := os.ReadFile("../../docs/SCALING.md")
	if err != nil {
		t.Fatal(err)
	}
	rule := strings.Fields(strings.Replace(string(aclRule.Find(text)), ">PASSWORD", ">sesame", 1))
	if len(rule) == 0 {
		t.Fatal("SCALING.md has no line with ACL SETUSER pagesession")
	}
	server := testredis.New(t)
	server.Text(t, rule...)
	cfg := redis.Config{Addresses: []string{server.Addr}, Username: "pagesession", Password: "sesame"}
	s, err := redis.Open(t.Context(), cfg)
	if err != nil {
		t.Fatalf("Open as the documented user = %v", err)
	}
	_ = s.Close()
	for _, word := range rule[3:] {
		if !strings.HasPrefix(word, "+") {
			continue
		}
		server.Text(t, append([]string{"ACL", "SETUSER", "pagesession"}, "-"+word[1:])...)
		if s, err := redis.Open(t.Context(), cfg); !errors.Is(err, redis.ErrAccess) || !strings.Contains(err.Error(), "'"+word[1:]+"'") {
			if err == nil {
				_ = s.Close()
			}
			t.Errorf("Open without %s = %v; want that it is refused", word, err)
		}
		server.Text(t, "ACL", "SETUSER", "pagesession", word)
	}
}
