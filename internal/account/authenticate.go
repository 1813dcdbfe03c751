package account

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"time"
)

// Credentials are the input of the sign-in form.
type Credentials struct {
	Username string
	Password string
	Address  string // the client's address, without port
}

// Authenticate returns the user with these credentials, if they are active and staff. It
// records the sign-in in the user and in the audit log. Errors:
//
//   - ErrSignIn for an unknown user, a wrong password, or a user who may not sign in;
//     each takes the same time;
//   - a *ThrottledError (ErrThrottled) after 10 failures within 5 minutes for this
//     username, existing or not, or for this address (an IPv6 /64 network): the password
//     was not checked;
//   - ErrBusy when too many sign-ins wait for their check, in total or for this username
//     or address;
//   - ErrFull, ErrUnavailable, ErrClosed.
//
// A success clears the failures of the username. Those of the address stay, because it
// may try passwords of other users. An attacker can keep an operator from signing in;
// existing sessions and the commands still work. It takes 20 to 60 ms of one processor.
func (s *Store) Authenticate(_ context.Context, c Credentials) (u User, err error) {
	st, err := s.present()
	if err != nil {
		return User{}, err
	}
	name := normalUsername(c.Username)
	known := st.named(name)
	err = s.try(name, c.Address, known, c.Password, func(found checked) (wrong bool, err error) {
		if !found.right || !known.Active || !known.Staff {
			return true, s.refuse(unidentified(c.Address), known, ErrSignIn)
		}
		if u, err = s.enter(known, found.fresh, c.Address); err == nil {
			s.throttle.forget(accountKey(name), s.cfg.Now())
		}
		return errors.Is(err, ErrSignIn), err // another error is the disk's, and the password was right
	})
	return u, err
}

// unidentified returns the actor of a failed sign-in, which has no name.
func unidentified(address string) Actor { return Actor{Address: address, Via: ViaConsole} }

func (st *state) named(username string) *member { return st.users[st.names[username]] }

// try checks a password if the throttle and the hasher admit it. end reports whether the
// throttle has to count a failure.
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

// logThrottled records that further sign-ins are delayed. A failure to write the audit log
// is only logged, because the delay takes effect anyway.
func (s *Store) logThrottled(address string, known *member, wait time.Duration) {
	s.cfg.Logger.Warn("too many failed sign-ins; further ones are delayed", slog.String("address", address), slog.Duration("retry_after", wait))
	if err := s.log(unidentified(address), about(ActionThrottled, known)); err != nil {
		s.cfg.Logger.Error("audit entry could not be written", slog.String("action", string(ActionThrottled)), slog.Any("error", err))
	}
}

// about returns an event about a user; nil is an unknown user.
func about(a Action, u *member) Event {
	if u == nil {
		return Event{Action: a, Kind: KindUser}
	}
	return userEvent(a, u.User)
}

func userEvent(a Action, u User, fields ...string) Event {
	return Event{Action: a, Kind: KindUser, ObjectID: strconv.FormatUint(u.ID, 10), Object: u.Username, Fields: fields}
}

// refuse adds a failure to the audit log and returns because, or the error of the log.
func (s *Store) refuse(actor Actor, known *member, because error) error {
	if err := s.log(actor, about(ActionSignInFailed, known)); err != nil {
		return err
	}
	return because
}

// checked is the result of checking a password.
type checked struct {
	right bool
	fresh string // a new hash of it if the old one is outdated
}

// check compares the password with the user's hash. For a user without a hash, or an
// unknown one, it checks a decoy, so it takes as long. It looks up the decoy each time
// for the same reason.
func (s *Store) check(u *member, name, password string) checked {
	decoy := s.decoy(name)
	if u == nil || !u.Usable {
		decoy.opens(password)
		return checked{}
	}
	if !u.parsed.opens(password) {
		return checked{}
	}
	if u.Active && u.Staff && u.parsed.outdated(s.cfg.cost) { // others are refused, as fast as after a wrong password
		return checked{true, newHash(password, s.cfg.cost)}
	}
	return checked{right: true}
}

// decoy returns the hash for an unknown name: the hash of some user, always the same one
// for a name. Imported hashes take longer to check, and this way the share of slow names
// is the same among unknown names as among users.
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

// enter records the sign-in, if the user has not changed since the check.
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
