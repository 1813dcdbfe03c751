package account

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"log/slog"
	"slices"
	"strconv"
)

// Credentials are what was typed into the sign-in form.
type Credentials struct {
	Username string
	Password string
	Address  string // the client's address, without port
}

// Authenticate returns the user who can sign in to the console with these
// credentials: active, staff, and with this password. It notes the time in the
// user and in the audit log. Errors:
//
//   - ErrSignIn, after the same time whatever is wrong;
//   - a *ThrottledError (ErrThrottled) after 10 failures within 5 minutes for
//     this username, known or not, or from this address (of IPv6 its /64):
//     nothing was checked, and a right password would not have helped;
//   - ErrBusy when too many wait for their check already, in all or of this
//     username or address;
//   - ErrFull, ErrUnavailable, ErrClosed.
//
// A success forgets the failures of the username, but not the address's: signing
// in oneself gives no more tries at others' passwords. Failing on purpose can
// keep an operator from signing in; their sessions and the commands go on.
//
// It takes 20 to 60 ms of one processor, and never more than one at a time.
func (s *Store) Authenticate(c Credentials) (User, error) {
	name := normalUsername(c.Username)
	known := s.state.Load().named(name)
	try, err := s.admit(name, c.Address, known)
	if err != nil {
		return User{}, err
	}
	wrong := false
	defer func() { try.end(wrong) }()
	var found checked
	if err := s.hasher.do(func() { found = s.check(known, name, c.Password) }); err != nil {
		return User{}, err
	}
	if !found.right || !known.Active || !known.Staff {
		wrong = true
		return User{}, s.refuse(unidentified(c.Address), known, ErrSignIn)
	}
	u, err := s.enter(known, found.fresh, c.Address)
	wrong = errors.Is(err, ErrSignIn) // else the password was right, whatever the disk says
	if err == nil {
		s.throttle.forget(accountKey(name))
	}
	return u, err
}

// unidentified is the actor of a sign-in that failed.
func unidentified(address string) Actor { return Actor{Address: address, Via: ViaConsole} }

func (st *state) named(username string) *member { return st.users[st.names[username]] }

// A try is a sign-in under way, as the throttle counts it.
type try struct {
	store *Store
	keys  []tried
}

func (t try) end(wrong bool) { t.store.throttle.end(t.store.cfg.Now(), wrong, t.keys...) }

// admit asks the throttle, before anything dear is done.
func (s *Store) admit(name, address string, known *member) (try, error) {
	t := try{s, []tried{accountKey(name), addressKey(address)}}
	wait, news, busy := s.throttle.begin(s.cfg.Now(), t.keys...)
	if busy {
		return try{}, ErrBusy
	}
	if wait == 0 {
		return t, nil
	}
	if news {
		s.cfg.Logger.Warn("too many failed logins", slog.String("address", address), slog.Duration("retry_after", wait))
		if err := s.log(unidentified(address), about(ActionThrottled, known)); err != nil { // he has to wait all the same
			s.cfg.Logger.Error("this is not in the audit log", slog.String("action", string(ActionThrottled)), slog.Any("error", err))
		}
	}
	return try{}, &ThrottledError{RetryAfter: wait}
}

// about is an entry about a user; nobody knows whom if he is nil.
func about(a Action, u *member) Event {
	if u == nil {
		return Event{Action: a, Kind: KindUser}
	}
	return userEvent(a, u.User)
}

func userEvent(a Action, u User, fields ...string) Event {
	return Event{Action: a, Kind: KindUser, ObjectID: strconv.FormatUint(u.ID, 10), Object: u.Username, Fields: fields}
}

// refuse writes a failure down and returns what the caller is told.
func (s *Store) refuse(actor Actor, known *member, because error) error {
	if err := s.log(actor, about(ActionSignInFailed, known)); err != nil {
		return err
	}
	return because
}

// checked is what came of a password.
type checked struct {
	right bool
	fresh string // a new hash of it, when the old one is outdated
}

// check compares the password with the user's hash. Whoever has none, or is
// not there, costs what a hash costs that he could have had; that one is looked
// for in any case, so that looking takes no time of its own.
func (s *Store) check(u *member, name, password string) checked {
	decoy := s.decoy(name)
	if u == nil || !u.Usable {
		decoy.opens(password)
		return checked{}
	}
	if !u.parsed.opens(password) {
		return checked{}
	}
	if u.Active && u.Staff && u.parsed.outdated(s.cfg.cost) { // others are refused, and as fast as for a wrong one
		return checked{true, newHash(password, s.cfg.cost)}
	}
	return checked{right: true}
}

// decoy is the hash of a user who is not there. While some users still have an
// imported hash, which takes longer, as large a share of the unknown names
// takes as long, and each name always the same.
func (s *Store) decoy(name string) passwordHash {
	hashes := make([]*passwordHash, 0, MaxUsers)
	for _, u := range s.state.Load().users {
		if u.Usable {
			hashes = append(hashes, &u.parsed)
		}
	}
	if len(hashes) == 0 {
		return passwordHash{cost: s.cfg.cost, salt: make([]byte, saltLength), sum: make([]byte, hashLength)}
	}
	slices.SortFunc(hashes, (*passwordHash).compareCost)
	mac := hmac.New(sha256.New, s.decoyKey)
	mac.Write([]byte(name))
	share := binary.BigEndian.Uint32(mac.Sum(nil))
	return *hashes[uint64(share)*uint64(len(hashes))>>32]
}

// enter writes the login down, if the user is still the one whose password was
// checked.
func (s *Store) enter(u *member, fresh, address string) (out User, err error) {
	err = s.change(trusted, func(c *change) error {
		now := c.state.users[u.ID]
		if now == nil || now.hash != u.hash || !now.Active || !now.Staff {
			return ErrSignIn
		}
		in, hash := now.User, now.hash
		in.LastLogin = c.at
		if fresh != "" {
			hash = fresh
		}
		c.actor = Console(in, address)
		if out, err = c.putUser(in, hash); err != nil {
			return err
		}
		return c.audit(userEvent(ActionSignIn, in))
	})
	return out, err
}
