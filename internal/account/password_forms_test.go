package account_test

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"pagesession/internal/account"
)

// Passwords whose forms differ: Latin, Vietnamese, Hangul, Devanagari (whose NFC is the
// decomposed one), the Ångström sign, Hebrew with points, and marks in another order.
var unlikePasswords = []string{
	"grüße aus köln", "mật khẩu của tôi", "비밀번호입니다 맞아요", "ज़रूरी क़लम सड़क", "zehn \u212bngstr\u00f6m", "שָׁלוֹם עוֹלָם", "a\u0301\u0323 b\u0323\u0301 correct",
}

// djangoHash is the hash that Django makes: of the password as it was typed.
func djangoHash(t *testing.T, password string) string {
	t.Helper()
	sum, err := pbkdf2.Key(sha256.New, password, []byte("saltysalt"), 1000, sha256.Size)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("pbkdf2_sha256$1000$saltysalt$%s", base64.StdEncoding.EncodeToString(sum))
}

func TestAuthenticate_PasswordInAnotherForm(t *testing.T) {
	b := open(t)
	for i, password := range unlikePasswords {
		for _, set := range []norm.Form{norm.NFC, norm.NFD} {
			name := fmt.Sprintf("user%d-%d", i, set)
			u := account.User{Username: name, Active: true, Staff: true}
			if _, err := b.CreateUser(t.Context(), cli, u, set.String(password)); err != nil {
				t.Fatalf("CreateUser with %+q: %v", set.String(password), err)
			}
			for _, typed := range []string{norm.NFC.String(password), norm.NFD.String(password), password} {
				if _, err := b.signIn(name, typed, fmt.Sprintf("192.0.2.%d", i)); err != nil {
					t.Errorf("set as %+q, typed as %+q: %v", set.String(password), typed, err)
				}
			}
			_, err := b.signIn(name, "x"+password, "198.51.100.1")
			wantErr(t, "another password", err, account.ErrSignIn)
			b.clock.Advance(5 * time.Minute)
		}
	}
}

// A hash from before passwords were normalized opens with what was typed then. The sign-in
// replaces it, and then each form signs in.
func TestAuthenticate_HashOfTheTypedForm(t *testing.T) {
	b := open(t)
	u := b.staff("ada")
	for _, password := range unlikePasswords {
		typed := norm.NFD.String(password)
		if typed == norm.NFC.String(password) { // Devanagari: both are decomposed
			typed = password
		}
		for kind, old := range map[string]string{"Django": djangoHash(t, typed), "an earlier version": account.RawHash(b.cfg, typed)} {
			if err := b.SetHash(u.ID, old); err != nil {
				t.Fatal(err)
			}
			if _, err := b.signIn("ada", "x"+typed, "192.0.2.1"); err == nil || b.HashOf(u.ID) != old {
				t.Errorf("%s: a wrong password: %v, or another hash", kind, err)
			}
			if _, err := b.signIn("ada", typed, "192.0.2.1"); err != nil {
				t.Errorf("%s: typed as %+q: %v", kind, typed, err)
			}
			fresh := b.HashOf(u.ID)
			if ok, err := account.Opens(fresh, norm.NFC.String(password)); !ok {
				t.Errorf("%s: the hash after the sign-in is not of the NFC of %+q: %v", kind, typed, err)
			}
			for _, form := range []string{norm.NFC.String(password), typed} {
				if _, err := b.signIn("ada", form, "192.0.2.1"); err != nil {
					t.Errorf("%s: typed as %+q after the replacement: %v", kind, form, err)
				}
			}
			if b.HashOf(u.ID) != fresh {
				t.Errorf("%s: a hash that is up to date was made again", kind)
			}
			if got := b.user(u.ID); got.Epoch != u.Epoch {
				t.Errorf("%s: the sessions ended because of a better hash", kind)
			}
			b.clock.Advance(5 * time.Minute)
		}
	}
}

// An attacker learns nothing from the time: all refusals of one password hash it equally often.
func TestAuthenticate_AllRefusalsHashEquallyOften(t *testing.T) {
	hashed := 0
	b := open(t)
	b.cfg = b.cfg.CountHashes(&hashed)
	b = b.reopen()
	right := unlikePasswords[0]
	b.superuser("root")
	hash := account.RawHash(b.cfg, norm.NFD.String(right))
	for _, u := range []account.User{
		{Username: "ada", Active: true, Staff: true}, {Username: "gone", Staff: true}, {Username: "guest", Active: true},
	} {
		if err := b.SetHash(b.add(u).ID, hash); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.SetHash(b.staff("none").ID, "!"); err != nil {
		t.Fatal(err)
	}
	for typed, want := range map[string]int{
		"wrong": 1, goodPassword: 1, "": 1, "größer": 1, norm.NFD.String("größer"): 2, norm.NFD.String(right): 2, right: 1, "a\xff": 1,
		norm.NFD.String(strings.Repeat("ä", 5000)): 2,
	} {
		for i, name := range []string{"ada", "gone", "guest", "none", "unknown", "हिन्दी", "", "a\xffb"} {
			hashed = 0
			_, err := b.signIn(name, typed, fmt.Sprintf("192.0.2.%d", i))
			if hashed != want {
				t.Errorf("sign-in of %q with %.20q (%v): %d hashes; want %d", name, typed, err, hashed, want)
			}
		}
		b.clock.Advance(5 * time.Minute)
	}
}
