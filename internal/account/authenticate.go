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
	Device   Device // the browser, if it has proved that a user has signed in with it
}

// A Device is a browser in which a user has signed in. The caller has checked that. The
// zero value is none.
type Device struct {
	User uint64 // who has signed in
	ID   string // random
}

// Authenticate returns the user with these credentials, if they are active and staff. It
// records the sign-in in the user and in the audit log. Errors:
//
//   - ErrSignIn for an unknown user, a wrong password, or a user who may not sign in;
//     each takes the same time;
//   - a *SecondFactorError (ErrSecondFactor) for a user who has a second factor: the password
//     is right, and SecondFactor has to follow. Nothing is recorded, and failures stay;
//   - a *ThrottledError (ErrThrottled) after 10 failures within 5 minutes: the password was
//     not checked. Failures count for the device of this user, and without one for the
//     network: an IPv4 address, an IPv6 /64. From networks in which this user has not
//     signed in before they count for the username, too, existing or not: after 10, one more
//     is admitted every 30 s, to each site in turn;
//   - ErrBusy when too many sign-ins wait for their check: in total, or for this device,
//     network or username;
//   - ErrFull, ErrUnavailable, ErrClosed, and those of Config.Shared.
//
// A success clears the failures of the device and the network for this username. It takes
// 20 to 60 ms of one processor.
func (s *Store) Authenticate(ctx context.Context, c Credentials) (u User, err error) {
	defer func() { s.signIns.count(err) }()
	name := normalUsername(c.Username)
	named := func(t tx) *member { return t.named(name) }
	a, err := s.attempt(ctx, name, c.Address, c.Device)
	if err != nil {
		return User{}, err
	}
	err = s.try(ctx, a, name, c.Address, named, c.Password, func(known *member, found checked) (wrong bool, err error) {
		if !found.right || !known.Active || !known.Staff {
			return true, s.refuse(ctx, unidentified(c.Address), known, ErrSignIn)
		}
		if known.Factors.Any() {
			return false, s.halfway(ctx, known, found.fresh)
		}
		if u, err = s.enter(ctx, known, found.fresh, c.Address); err == nil {
			s.throttle.know(a.name, a.network)
		}
		return errors.Is(err, ErrSignIn), err // another error is the database's, and the password was right
	})
	return u, err
}

// attempt returns what a sign-in counts for. A device counts only for its own user.
func (s *Store) attempt(ctx context.Context, name, address string, d Device) (attempt, error) {
	s.learn(ctx)
	a := attempt{name: nameKey(name), network: networkKey(address), site: siteKey(address)}
	if d.ID == "" {
		return a, nil
	}
	u, err := read(ctx, s, func(t tx) *member { return t.member(d.User) })
	if err == nil && u != nil && normalUsername(u.Username) == name {
		a.device = deviceKey(d)
	}
	return a, err
}

// unidentified returns the actor of a failed sign-in, which has no name.
func unidentified(address string) Actor { return Actor{Address: address, Via: ViaConsole} }

// try checks a password if the throttle and the hasher admit it. end reports whether the
// throttle has to count a failure.
func (s *Store) try(
	ctx context.Context, a attempt, name, address string, find func(tx) *member, password string,
	end func(known *member, found checked) (wrong bool, err error),
) error {
	return s.admitted(ctx, a, address, find, func(c counted) (bool, error) {
		known, found, err := s.checkInTurn(ctx, hashCaller{c.key, c.rank}, name, find, password)
		if err != nil {
			return false, err
		}
		return end(known, found)
	})
}

// admitted runs do if the throttle admits it. do reports whether the throttle has to count a
// failure; without an error it forgives the earlier ones.
func (s *Store) admitted(ctx context.Context, a attempt, address string, find func(tx) *member, do func(counted) (wrong bool, err error)) error {
	c, no, err := s.throttle.begin(ctx, s.cfg.Now(), a)
	if err != nil {
		return err
	}
	if no != nil && no.wait == 0 {
		return ErrBusy
	}
	if no != nil {
		if no.news {
			s.logThrottled(ctx, address, find, no.wait)
		}
		return &ThrottledError{RetryAfter: no.wait, Reserved: no.reserved}
	}
	how := undecided
	defer func() { // also after a panic, and if the client is gone
		if err := s.throttle.end(context.WithoutCancel(ctx), s.cfg.Now(), c, how); err != nil {
			s.cfg.Logger.Warn("the outcome of a sign-in could not be stored; it counts as a failure for five minutes", slog.Any("error", err))
		}
	}()
	isWrong, err := do(c)
	switch {
	case err == nil:
		how = right
	case isWrong:
		how = wrong
	}
	return err
}

// checkInTurn checks a password when it is the caller's turn to hash. It reads the database
// only then, so an attempt that is refused for lack of a place costs no read.
func (s *Store) checkInTurn(ctx context.Context, who hashCaller, name string, find func(tx) *member, password string) (known *member, found checked, err error) {
	var decoy passwordHash
	err = s.hasher.doAfter(who, func() (err error) {
		known, decoy, err = s.candidates(ctx, name, find)
		return err
	}, func() { found = s.check(known, decoy, password) })
	return known, found, err
}

// candidates returns the user, nil for none, and the decoy for the name. It reads both in
// any case, since that takes time, too.
func (s *Store) candidates(ctx context.Context, name string, find func(tx) *member) (known *member, decoy passwordHash, err error) {
	err = s.reading(ctx, func(t tx) error {
		known, decoy = find(t), t.decoy(name, s.cfg.cost)
		return nil
	})
	return known, decoy, err
}

// logThrottled records that further sign-ins are delayed. A failure to write the audit log
// is only logged, because the delay takes effect anyway.
func (s *Store) logThrottled(ctx context.Context, address string, find func(tx) *member, wait time.Duration) {
	s.cfg.Logger.Warn("too many failed sign-ins; further ones are delayed", slog.String("address", s.cfg.Addresses.Text(address)), slog.Duration("retry_after", wait))
	known, err := read(ctx, s, find)
	if err == nil {
		err = s.logOrWait(ctx, unidentified(address), about(ActionThrottled, known))
	}
	if err != nil {
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
func (s *Store) refuse(ctx context.Context, actor Actor, known *member, because error) error {
	if err := s.logOrWait(ctx, actor, about(ActionSignInFailed, known)); err != nil {
		return err
	}
	return because
}

// checked is the result of checking a password.
type checked struct {
	right bool
	fresh string // a new hash of it if the old one is outdated, or is not of the password's NFC
}

// logOrWait is log, but on a full disk the entry waits in memory.
func (s *Store) logOrWait(ctx context.Context, actor Actor, done Event) error {
	err := s.log(ctx, actor, done)
	if errors.Is(err, ErrFull) {
		s.await(actor, done, s.now())
		return nil
	}
	return err
}

// check compares the password with the user's hash. For a user without a hash, or an
// unknown one, it checks a decoy, so it takes as long. It tries all forms of the password
// even after one was right: for a disabled user that has to take as long as a wrong one.
func (s *Store) check(u *member, decoy passwordHash, password string) checked {
	hash, known := decoy, u != nil && u.Usable
	if known {
		hash = u.parsed
	}
	forms := passwordForms(password)
	fits := make([]bool, len(forms))
	for i, form := range forms {
		fits[i] = s.cfg.opens(hash, form)
	}
	if !known || !slices.Contains(fits, true) {
		return checked{}
	}
	if u.Active && u.Staff && (!fits[0] || hash.outdated(s.cfg.cost)) { // others are refused, as fast as after a wrong password
		return checked{true, newHash(password, s.cfg.cost)}
	}
	return checked{right: true}
}

// decoy returns the hash for an unknown name: the hash of some user, always the same one
// for a name. Imported hashes take longer to check, and this way the share of slow names
// is the same among unknown names as among users. Without users it is one of cost.
func (t tx) decoy(name string, cost argon2Cost) passwordHash {
	var key string
	var users uint64
	t.row("SELECT value, (SELECT count(*) FROM users WHERE substr(hash, 1, 1) <> '!') FROM meta WHERE name = 'decoy'", nil, &key, &users)
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(name))
	share := uint64(binary.BigEndian.Uint32(mac.Sum(nil)))
	hash := value[string](t, "SELECT hash FROM users WHERE substr(hash, 1, 1) <> '!' ORDER BY substr(hash, 1, 24), id LIMIT 1 OFFSET $1", share*users>>32)
	if parsed, err := parseHash(hash); err == nil {
		return parsed
	}
	return passwordHash{cost: cost, salt: make([]byte, saltLength), sum: make([]byte, hashLength)}
}

// enter records the sign-in, if the user has not changed since the check. On a full disk
// the record waits in memory.
func (s *Store) enter(ctx context.Context, u *member, fresh, address string) (out User, err error) {
	err = s.change(ctx, trusted, "", func(c *change) error {
		in := c.member(u.ID)
		if in == nil || in.hash != u.hash || !in.Active || !in.Staff {
			return ErrSignIn
		}
		if in.Factors.Any() { // since the check
			return s.ticketFor(in)
		}
		in.LastLogin = c.at
		if fresh != "" {
			in.hash = fresh
		}
		out = in.User
		c.actor = Console(out, address)
		c.exec("UPDATE users SET last_login = $1, hash = $2 WHERE id = $3", c.at, in.hash, in.ID)
		c.audit(userEvent(ActionSignIn, out))
		return nil
	})
	if errors.Is(err, ErrFull) && out.ID != 0 {
		s.await(Console(out, address), userEvent(ActionSignIn, out), s.now())
		return out, nil
	}
	return out, err
}
