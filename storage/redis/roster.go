package redis

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis/rueidis"

	"pagesession/storage/record"
)

// Bounds of the roster: it takes at most 400 KiB, and each call of Announce carries all of it.
const (
	MaxMembers    = 100  // servers at the same time
	MaxMemberID   = 64   // bytes of an ID
	MaxMemberData = 4096 // bytes of Data
)

// MemberStays is how long an announcement lasts. Renew it each second, so that a slow call or
// two that fail do no harm.
const MemberStays = 5 * time.Second

// ErrMember is returned when an announcement, or the name of a value that is kept, is empty
// or too long.
var ErrMember = errors.New("redis: bad announcement")

// A Member is a server that shares the sessions, as it announces itself.
type Member struct {
	ID   string        // unique, such as a text made by chance at the server's start
	Data []byte        // for the other servers; Redis does not look into it
	Left time.Duration // what is left until the announcement lapses; Announce does not read it
}

// The roster is a sorted set. A member is an ID, with its length before it, and the data; its
// score is when it lapses, in milliseconds of Redis's clock. So each step is one script on one
// key, with commands that sessions need anyway. The set goes with its last member.

// Announce announces this server to those that share the sessions, or renews its announcement
// with this Data. It returns all that are announced now, with this one, by ID. The first call of a
// server lists exactly those that were there before. An announcement lapses after MemberStays,
// by Redis's clock, which a failover or a restart of Redis may shorten; the next call brings it
// back. It is safe for concurrent use. Errors: ErrMember; record.ErrFull if there are
// MaxMembers others; record.ErrUnavailable, after which the announcement may have been made;
// the context's.
func (s *Store) Announce(ctx context.Context, m Member) ([]Member, error) {
	if len(m.ID) == 0 || len(m.ID) > MaxMemberID || len(m.Data) > MaxMemberData {
		return nil, fmt.Errorf("%w: the ID has %d bytes and the data %d; 1 to %d and up to %d are allowed",
			ErrMember, len(m.ID), len(m.Data), MaxMemberID, MaxMemberData)
	}
	return s.onRoster(ctx, s.scripts.announce, idOf(m.ID), number(MemberStays.Milliseconds()), string(m.Data), number(MaxMembers))
}

// Members returns the servers that are announced, by ID; none is an empty list. Errors:
// record.ErrUnavailable, the context's.
func (s *Store) Members(ctx context.Context) ([]Member, error) {
	return s.onRoster(ctx, s.scripts.roster)
}

// Withdraw takes the announcement of a server away, as a server does that stops. One that is
// not there is no error. Errors: record.ErrUnavailable, the context's.
func (s *Store) Withdraw(ctx context.Context, id string) error {
	_, err := s.onRoster(ctx, s.scripts.announce, idOf(id), "0", "", "0")
	return err
}

// idOf returns an ID with its length before it, so that no ID begins another.
func idOf(id string) string { return string(rune(len(id))) + id }

func (s *Store) onRoster(ctx context.Context, script *rueidis.Lua, args ...string) (list []Member, err error) {
	keys, full := []string{s.ofTag(kindRoster, 0)}, false
	err = s.do(ctx, 0, func(ctx context.Context) error {
		answer, err := script.Exec(ctx, s.client, keys, args).ToArray()
		if err == nil {
			list, full, err = parseRoster(answer)
		}
		return err
	})
	if err == nil && full {
		err = fmt.Errorf("redis: there are %d servers: %w", MaxMembers, record.ErrFull)
	}
	return list, err
}

// parseRoster reads the outcome, the instant and the list of members with their scores.
func parseRoster(answer []rueidis.RedisMessage) (list []Member, full bool, err error) {
	if len(answer) < 2 {
		return nil, false, errValue
	}
	outcome, err := answer[0].AsInt64()
	if err != nil {
		return nil, false, err
	}
	now, err := answer[1].AsInt64()
	if err != nil || len(answer) == 2 {
		return nil, outcome == outcomeNone, err
	}
	members, err := answer[2].AsZScores()
	for _, m := range members {
		left := time.Duration(int64(m.Score)-now) * time.Millisecond
		if n := len(m.Member); left <= 0 || n == 0 || n <= int(m.Member[0]) {
			continue
		}
		end := 1 + int(m.Member[0])
		list = append(list, Member{ID: m.Member[1:end], Data: []byte(m.Member[end:]), Left: left})
	}
	slices.SortFunc(list, func(a, b Member) int { return strings.Compare(a.ID, b.ID) })
	return list, false, err
}
