package account

import (
	"testing"
	"time"
)

// The vectors of RFC 6238, appendix B, for SHA-1. Their eight digits end with the six that
// apps show, because both are the same number modulo a power of ten.
func TestTOTP_RFC6238(t *testing.T) {
	secret := totpSecret([]byte("12345678901234567890"))
	for _, v := range []struct {
		at     int64
		step   int64
		digits string
	}{
		{59, 0x1, "94287082"}, {1111111109, 0x23523EC, "07081804"}, {1111111111, 0x23523ED, "14050471"},
		{1234567890, 0x273EF07, "89005924"}, {2000000000, 0x3F940AA, "69279037"}, {20000000000, 0x27BC86AA, "65353130"},
	} {
		at := time.Unix(v.at, 0)
		if stepOf(at) != v.step {
			t.Errorf("stepOf(%d) = %x; want %x", v.at, stepOf(at), v.step)
		}
		code := v.digits[2:]
		if got := secret.code(v.step); got != code {
			t.Errorf("the code of %d is %s; want %s", v.at, got, code)
		}
		for steps, counts := range map[time.Duration]bool{-2: false, -1: true, 0: true, 1: true, 2: false} {
			if v.at+int64(steps)*30 < 0 {
				continue // before 1970
			}
			if got := secret.match(code, at.Add(steps*30*time.Second), 0); (got == v.step) != counts || got != 0 && !counts {
				t.Errorf("match(%s) %d steps later = %x; want it accepted: %v", code, steps, got, counts)
			}
		}
		if got := secret.match(code, at, v.step); got != 0 {
			t.Errorf("match(%s) after it was used = %x; want none", code, got)
		}
	}
}

// Of two steps with the same code the newer one counts, so the code is used up for both.
func TestTOTP_SameCodeTwice(t *testing.T) {
	var secret totpSecret
	const step = 418_591
	if secret.code(step) != secret.code(step-1) && secret.code(step) != secret.code(step-2) {
		t.Fatal("no two of these steps have the same code")
	}
	code, at := secret.code(step), time.Unix((step-1)*totpPeriod, 0)
	if got := secret.match(code, at, 0); got != step {
		t.Errorf("match(%s) = %d; want %d", code, got, step)
	}
}

func TestLetterGroups(t *testing.T) {
	for text, want := range map[string]string{"": "", "abc": "abc", "abcd": "abcd", "abcdefghi": "abcd efgh i"} {
		if got := LetterGroups(text, 4, " "); got != want {
			t.Errorf("LetterGroups(%q) = %q; want %q", text, got, want)
		}
	}
}

func TestSealer(t *testing.T) {
	s := newSealer([]byte("one secret key of 32 bytes length"))
	sealed, err := s.seal("purpose", []byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := s.open("purpose", sealed); err != nil || string(plain) != "secret" {
		t.Errorf("open = %q, %v", plain, err)
	}
	again, _ := s.seal("purpose", []byte("secret"))
	if again == sealed {
		t.Error("two seals of one text are the same")
	}
	for what, open := range map[string]func() ([]byte, error){
		"another purpose": func() ([]byte, error) { return s.open("purposes", sealed) },
		"another key":     func() ([]byte, error) { return newSealer([]byte("another key")).open("purpose", sealed) },
		"a part":          func() ([]byte, error) { return s.open("purpose", sealed[:20]) },
		"nothing":         func() ([]byte, error) { return s.open("purpose", "") },
		"no base64":       func() ([]byte, error) { return s.open("purpose", sealed+"=") },
		"no key":          func() ([]byte, error) { return sealer{}.open("purpose", sealed) },
	} {
		if plain, err := open(); err == nil || plain != nil {
			t.Errorf("%s: %q, %v; want an error", what, plain, err)
		}
	}
}
