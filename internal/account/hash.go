package account

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// argon2Cost is the cost of an argon2id hash.
type argon2Cost struct {
	memory  uint32 // KiB
	passes  uint32
	threads uint8
}

// defaultCost is the first of OWASP's recommendations for argon2id that suits a machine
// with two cores: 20 to 60 ms of one core.
var defaultCost = argon2Cost{memory: 19456, passes: 2, threads: 1}

const (
	saltLength = 16
	hashLength = 32
)

// Bounds for the cost of an imported hash. Django uses 600,000 to 1,500,000 iterations and
// 100 MiB; much more would be an attack.
const (
	mostMemory     = 128 << 10 // KiB
	mostPasses     = 16
	mostThreads    = 16
	mostIterations = 5_000_000
	longestHash    = 512 // bytes
)

// A passwordHash is a parsed hash: argon2id or PBKDF2.
type passwordHash struct {
	cost       argon2Cost // zero for PBKDF2
	iterations int        // 0 for argon2id
	salt, sum  []byte
}

// Errors of parseHash, which an import reports.
var (
	errUnusable   = errors.New("no usable password")
	errAlgorithm  = errors.New("the password hash is of an unsupported kind")
	errBadHash    = errors.New("the password hash is malformed")
	errHashTooBig = errors.New("the password hash takes more work than is allowed")
)

// unusableHash is Django's mark for a user without a password.
const unusableHash = "!"

// parseHash parses "$argon2id$v=19$m=19456,t=2,p=1$salt$sum", the same after Django's
// "argon2", and Django's "pbkdf2_sha256$iterations$salt$sum".
func parseHash(hash string) (passwordHash, error) {
	switch {
	case hash == "" || strings.HasPrefix(hash, unusableHash):
		return passwordHash{}, errUnusable
	case len(hash) > longestHash:
		return passwordHash{}, errBadHash
	case strings.HasPrefix(hash, "pbkdf2_sha256$"):
		return parsePBKDF2(strings.Split(hash, "$")[1:])
	case strings.HasPrefix(hash, "$argon2id$"), strings.HasPrefix(hash, "argon2$argon2id$"):
		_, rest, _ := strings.Cut(hash, "argon2id$")
		return parseArgon2(strings.Split(rest, "$"))
	default:
		return passwordHash{}, errAlgorithm
	}
}

func parsePBKDF2(parts []string) (passwordHash, error) {
	if len(parts) != 3 {
		return passwordHash{}, errBadHash
	}
	n, err := strconv.Atoi(parts[0])
	if errors.Is(err, strconv.ErrRange) || n > mostIterations {
		return passwordHash{}, errHashTooBig
	}
	sum, sumErr := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || n < 1 || parts[1] == "" || sumErr != nil || len(sum) != sha256.Size {
		return passwordHash{}, errBadHash
	}
	return passwordHash{iterations: n, salt: []byte(parts[1]), sum: sum}, nil
}

func parseArgon2(parts []string) (passwordHash, error) {
	if len(parts) != 4 || parts[0] != "v=19" {
		return passwordHash{}, errBadHash
	}
	cost, err := parseCost(parts[1])
	if err != nil {
		return passwordHash{}, err
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[2])
	sum, sumErr := base64.RawStdEncoding.DecodeString(parts[3])
	if saltErr != nil || sumErr != nil || len(salt) < 8 || len(sum) < 16 {
		return passwordHash{}, errBadHash
	}
	return passwordHash{cost: cost, salt: salt, sum: sum}, nil
}

func parseCost(text string) (argon2Cost, error) {
	const form = "m=%d,t=%d,p=%d"
	var m, t, p uint32
	if _, err := fmt.Sscanf(text, form, &m, &t, &p); err != nil || fmt.Sprintf(form, m, t, p) != text {
		return argon2Cost{}, errBadHash
	}
	if m > mostMemory || t > mostPasses || p > mostThreads {
		return argon2Cost{}, errHashTooBig
	}
	if t < 1 || p < 1 || m < 8*p {
		return argon2Cost{}, errBadHash
	}
	return argon2Cost{m, t, uint8(p)}, nil
}

// passwordForms returns the texts that a typed password may have been hashed as: NFC first,
// which is the form of each new hash, then the password as it was typed, if that differs.
// Earlier versions and Django hash what was typed.
func passwordForms(password string) []string {
	nfc := norm.NFC.String(password)
	if nfc == password {
		return []string{nfc}
	}
	return []string{nfc, password}
}

// newHash returns the hash of a password in NFC with a new salt.
func newHash(password string, cost argon2Cost) string {
	salt := make([]byte, saltLength)
	_, _ = rand.Read(salt) // never fails
	sum := argon2.IDKey(norm.NFC.Bytes([]byte(password)), salt, cost.passes, cost.memory, cost.threads, hashLength)
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, cost.memory, cost.passes, cost.threads, b64(salt), b64(sum))
}

// opens reports whether this is the password of the hash, byte by byte.
func (h passwordHash) opens(password string) bool {
	var sum []byte
	if h.iterations > 0 {
		var err error
		sum, err = pbkdf2.Key(sha256.New, password, h.salt, h.iterations, len(h.sum))
		if err != nil { // FIPS mode forbids some salts
			return false
		}
	} else {
		sum = argon2.IDKey([]byte(password), h.salt, h.cost.passes, h.cost.memory, h.cost.threads, uint32(len(h.sum)))
	}
	return subtle.ConstantTimeCompare(sum, h.sum) == 1
}

// outdated reports whether a sign-in should replace the hash with one of this cost.
func (h passwordHash) outdated(cost argon2Cost) bool {
	return h.cost != cost || len(h.sum) != hashLength
}
