package control

import (
	"context"
	"errors"
	"time"

	"pagesession/internal/account"
)

// MoveSessions is the command "sessions move". With a server it begins a move, or tells how
// far it is: ask again until MoveState.Done. Without one it returns when all have moved. Errors:
// session.ErrUnavailable, session.ErrFull, or why the target is not fit.
var MoveSessions = Operation[MoveTarget, MoveState]{
	path: "/v1/sessions/move", need: Need{Accounts: true, Move: true}, permission: account.DeleteSession,
	do: func(ctx context.Context, on Stores, _ account.Actor, to MoveTarget) (MoveState, error) {
		if on.Move == nil {
			return MoveState{}, errors.New("sessions cannot be moved here")
		}
		return on.Move(ctx, to)
	},
	audit: func(st MoveState) []account.Event {
		if !st.Begun {
			return nil
		}
		return []account.Event{{Action: account.ActionMove, Kind: account.KindSession, Object: st.To}}
	},
}

// A MoveTarget says where to move visitors' sessions.
type MoveTarget struct {
	To string `json:"to"` // a URL of Redis without a password, or "file"

	Password         Secret `json:"password,omitempty"`
	SentinelPassword Secret `json:"sentinel_password,omitempty"`
	CA               string `json:"ca,omitempty"` // names of files
	Cert             string `json:"cert,omitempty"`
	Key              string `json:"key,omitempty"`
	RedisWait        int    `json:"redis_wait,omitempty"`

	Watch bool `json:"watch,omitempty"` // a server has begun the move, so only a server goes on with it

	// Progress is called now and then by a move without a server.
	Progress func(MoveState) `json:"-"`
}

// A MoveState says how far a move is.
type MoveState struct {
	From   string    `json:"from"`
	To     string    `json:"to"`
	Moved  int       `json:"moved"`
	Of     int       `json:"of"` // about, and sessions that ended meanwhile count
	Done   bool      `json:"done"`
	Paused string    `json:"paused,omitempty"` // why nothing moves at present
	Began  time.Time `json:"began"`
	TookMS int64     `json:"took_ms"`
	Begun  bool      `json:"begun"`  // by this call
	Server bool      `json:"server"` // a server moves them
}
