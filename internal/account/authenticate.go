package account

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"time"
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
// A success forgets the failures of the username, but not the address's, which
// may try others' passwords. Failing on purpose can keep an operator from signing
// in; their sessions and the commands go on. It takes 20 to 60 ms of one processor.
func (s *Store) Authenticate(c Credentials) (u User, err error) {
	name := normalUsername(c.Username)
	known := s.state.Load().named(name)
	err = s.try(name, c.Address, known, c.Password, func(found checked) (wrong bool, err error) {
		if !found.right || !known.Active || !known.Staff {
			return true, s.refuse(unidentified(c.Address), known, ErrSignIn)
		}
		if u, err = s.enter(known, found.fresh, c.Address); err == nil {
			s.throttle.forget(accountKey(name), s.cfg.Now())
		}
		return errors.Is(err, ErrSignIn), err // else the password was right, whatever the disk says
	})
	return u, err
}

// unidentified is the actor of a sign-in that failed.
func unidentified(address string) Actor { return Actor{Address: address, Via: ViaConsole} }

func (st *state) named(username string) *member { return st.users[st.names[username]] }

// try checks a password, if the throttle and the hasher admit it. end says
// whether the throttle has to count a failure.
func (s *Store) try(name, address string, known *member, password string, end func(checked) (wrong bool, err error)) error {
	keys := []tried{accountKey(name), addressKey(address)}
	wait, news, busy := s.throttle.begin(s.cfg.Now(), keys...)
	if busy {
		return ErrBusy
	}
	if wait > 0 {
		if news {
			s.logThrottled(address, known, wait)
		}
		return &ThrottledError{RetryAfter: wait}
	}
	wrong := false
	defer func() { s.throttle.end(s.cfg.Now(), wrong, keys...) }()
	var found checked
	err := s.hasher.do(func() { found = s.check(known, name, password) })
	if err == nil {
		wrong, err = end(found)
	}
	return err
}

// logThrottled notes the begin of a wait; without an audit log there is a wait all the same.
func (s *Store) logThrottled(address string, known *member, wait time.Duration) {
	s.cfg.Logger.Warn("too many failed sign-ins", slog.String("address", address), slog.Duration("retry_after", wait))
	if err := s.log(unidentified(address), about(ActionThrottled, known)); err != nil {
		s.cfg.Logger.Error("this is not in the audit log", slog.String("action", string(ActionThrottled)), slog.Any("error", err))
	}
}

// about is an entry about a user; nil is an unknown one.
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

// check compares the password with the user's hash. A user without one, or who is
// not there, takes as long as a decoy, which is looked for in any case.
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

// decoy is the hash of a user who is not there: one that some user has, always
// the same for a name. So as large a share of unknown names as of users takes as
// long as an imported hash.
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

// enter notes the sign-in, if the user has not changed since the check.
func (s *Store) enter(u *member, fresh, address string) (out User, err error) {
	err = s.change(trusted, "", func(c *change) error {
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
