package account_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"pagesession/internal/account"
)

// From the reference implementation's src/test.c, argon2id of version 0x13.
func TestArgon2id_Vectors(t *testing.T) {
	for _, v := range []struct {
		cost, password, salt, sum string
	}{
		{"m=65536,t=2,p=1", "password", "somesalt", "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"},
		{"m=256,t=2,p=1", "password", "somesalt", "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe"},
		{"m=256,t=2,p=2", "password", "somesalt", "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037"},
		{"m=65536,t=1,p=1", "password", "somesalt", "f6a5adc1ba723dddef9b5ac1d464e180fcd9dffc9d1cbf76cca2fed795d9ca98"},
		{"m=65536,t=2,p=1", "differentpassword", "somesalt", "0b84d652cf6b0c4beaef0dfe278ba6a80df6696281d7e0d2891b817d8c458fde"},
	} {
		b64 := base64.RawStdEncoding.EncodeToString
		hash := fmt.Sprintf("$argon2id$v=19$%s$%s$%s", v.cost, b64([]byte(v.salt)), b64(unhex(t, v.sum)))
		if ok, err := account.Opens(hash, v.password); !ok {
			t.Errorf("Opens(%q, %q) = false, %v", hash, v.password, err)
		}
		if ok, err := account.Opens("argon2"+hash, v.password+"x"); ok || err != nil { // as Django writes it
			t.Errorf("Opens(%q) with another password = %v, %v; want false", hash, ok, err)
		}
	}
}

func TestArgon2id_Djangos(t *testing.T) {
	const hash = "argon2$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	if ok, err := account.Opens(hash, "password"); !ok {
		t.Errorf("Opens = false, %v", err)
	}
}

// From RFC 7914, section 11 (the first 32 bytes), and from Django's own tests
// (auth_tests/test_hashers.py).
func TestPBKDF2_Vectors(t *testing.T) {
	django := func(n int, salt, sum string) string {
		return fmt.Sprintf("pbkdf2_sha256$%d$%s$%s", n, salt, base64.StdEncoding.EncodeToString(unhex(t, sum)))
	}
	for hash, password := range map[string]string{
		django(1, "salt", "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"):     "passwd",
		django(80000, "NaCl", "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"): "Password",
	} {
		if ok, err := account.Opens(hash, password); !ok {
			t.Errorf("Opens(%q, %q) = false, %v", hash, password, err)
		}
		if ok, _ := account.Opens(hash, password+"x"); ok {
			t.Errorf("Opens(%q) with another password", hash)
		}
	}
}

func unhex(t *testing.T, s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestNewHash_HasItsParametersAndItsOwnSalt(t *testing.T) {
	a, b := account.NewHash(goodPassword), account.NewHash(goodPassword)
	if a == b || !strings.HasPrefix(a, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hashes %q and %q", a, b)
	}
	if ok, err := account.Opens(a, goodPassword); !ok {
		t.Errorf("Opens = false, %v", err)
	}
}

func TestHash_AbsurdOnesAreRefused(t *testing.T) {
	sum := base64.StdEncoding.EncodeToString(make([]byte, 32))
	raw := base64.RawStdEncoding.EncodeToString(make([]byte, 32))
	argon := func(cost string) string { return "$argon2id$v=19$" + cost + "$" + raw + "$" + raw }
	for hash, want := range map[string]error{
		"":                                     account.ErrUnusable,
		"!":                                    account.ErrUnusable,
		"!VUtq8":                               account.ErrUnusable,
		"pbkdf2_sha256$1000000000$salt$" + sum: account.ErrHashTooBig,
		"pbkdf2_sha256$99999999999999999999$salt$" + sum:           account.ErrHashTooBig,
		"pbkdf2_sha256$5000001$salt$" + sum:                        account.ErrHashTooBig,
		"pbkdf2_sha256$0$salt$" + sum:                              account.ErrBadHash,
		"pbkdf2_sha256$-1$salt$" + sum:                             account.ErrBadHash,
		"pbkdf2_sha256$x$salt$" + sum:                              account.ErrBadHash,
		"pbkdf2_sha256$1$$" + sum:                                  account.ErrBadHash,
		"pbkdf2_sha256$1$salt$AAAA":                                account.ErrBadHash,
		"pbkdf2_sha256$1$salt":                                     account.ErrBadHash,
		"pbkdf2_sha256$1$" + strings.Repeat("s", 1000) + "$" + sum: account.ErrBadHash,
		argon("m=4194304,t=1,p=1"):                                 account.ErrHashTooBig,
		argon("m=64,t=1000000,p=1"):                                account.ErrHashTooBig,
		argon("m=64,t=1,p=255"):                                    account.ErrHashTooBig,
		argon("m=0,t=1,p=1"):                                       account.ErrBadHash,
		argon("m=64,t=0,p=1"):                                      account.ErrBadHash,
		argon("m=64,t=1,p=0"):                                      account.ErrBadHash,
		argon("m=64,t=1"):                                          account.ErrBadHash,
		argon("t=1,m=64,p=1"):                                      account.ErrBadHash,
		argon("m=64,t=1,p=1,x=1"):                                  account.ErrBadHash,
		"$argon2id$v=16$m=64,t=1,p=1$" + raw + "$" + raw:           account.ErrBadHash,
		"$argon2id$v=19$m=64,t=1,p=1$AAAA$" + raw:                  account.ErrBadHash,
		"$argon2i$v=19$m=64,t=1,p=1$" + raw + "$" + raw:            account.ErrAlgorithm,
		"md5$salt$d41d8cd98f00b204e9800998ecf8427e":                account.ErrAlgorithm,
		"bcrypt_sha256$$2b$12$xxxxxxxxxxxxxxxxxxxxxxxxxx":          account.ErrAlgorithm,
	} {
		if ok, err := account.Opens(hash, ""); ok || err != want {
			t.Errorf("Opens(%.60q) = %v, %v; want %v", hash, ok, err, want)
		}
	}
}

// While half of the users have a slow hash, half of the unknown names are slow.
func TestDecoy_CostsWhatOthersCost(t *testing.T) {
	b := open(t)
	if n := b.DecoyIterations("nobody"); n != 0 {
		t.Errorf("without users: %d iterations; want argon2id", n)
	}
	const slow = "pbkdf2_sha256$1000$salt$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	b.staff("fast")
	if err := b.SetHash(b.staff("slow").ID, slow); err != nil {
		t.Fatal(err)
	}
	n := 0
	for i := range 1000 {
		name := fmt.Sprint("unknown", i)
		once, again := b.DecoyIterations(name), b.DecoyIterations(name)
		if once != again {
			t.Fatal("one name costs now this, now that")
		}
		n += once / 1000
	}
	if n < 400 || n > 600 {
		t.Errorf("%d of 1000 unknown names are slow; want about half", n)
	}
}

func FuzzParseHash(f *testing.F) {
	f.Add("pbkdf2_sha256$1$salt$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
	f.Add("$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, hash string) {
		_, _ = account.Parsed(hash) // must not panic, whatever it says
	})
}

func BenchmarkHash(b *testing.B) {
	for b.Loop() {
		account.NewHash(goodPassword)
	}
}

func BenchmarkHash_Django(b *testing.B) {
	const hash = "pbkdf2_sha256$600000$salt$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	for b.Loop() {
		if _, err := account.Opens(hash, goodPassword); err != nil {
			b.Fatal(err)
		}
	}
}
