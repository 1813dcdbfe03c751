package session

import "iter"

// eachString calls each for every string among a session's values, with its bytes in
// the gob. It decodes nothing. It returns false if it does not understand the gob,
// because a value has a type that gob had to describe. By then it has called each
// for some strings.
//
// The gob is a map[string]any in messages, each after its length: first the map's
// type, then the map. The map is a 0 and the number of values. Each value is its
// name, its type's name and number, its length, and its data.
func eachString(gob string, each func(string)) bool {
	r := gobReader{left: gob}
	message := r.message()
	for r.ok() && isType(message) {
		message = r.message()
	}
	m := gobReader{left: message, wrong: r.wrong || len(r.left) > 0}
	m.number() // of the map's type
	zero := m.number()
	m.wrong = m.wrong || zero != 0
	for n := m.number(); n > 0 && m.ok(); n-- {
		m.value(each)
	}
	return m.ok() && len(m.left) == 0
}

// isType reports whether a message describes a type. Its number is negative then,
// which gob marks with the lowest bit.
func isType(message string) bool {
	r := gobReader{left: message}
	return r.number()&1 == 1
}

// A gobReader reads gob's numbers and byte strings. After an error it returns only 0
// and "".
type gobReader struct {
	left  string
	wrong bool
}

func (r *gobReader) ok() bool { return !r.wrong }

// take reads n bytes.
func (r *gobReader) take(n uint64) string {
	if r.wrong || n > uint64(len(r.left)) {
		r.wrong = true
		return ""
	}
	b := r.left[:n]
	r.left = r.left[n:]
	return b
}

// number reads an unsigned number. Below 128 it is one byte. Otherwise the first
// byte is the negative of how many bytes follow.
func (r *gobReader) number() uint64 {
	if r.wrong || len(r.left) == 0 || r.left[0] >= 0x80 {
		return r.longNumber()
	}
	n := uint64(r.left[0])
	r.left = r.left[1:]
	return n
}

func (r *gobReader) longNumber() uint64 {
	first := r.take(1)
	if r.wrong {
		return 0
	}
	size := -int(int8(first[0]))
	r.wrong = size > 8
	n := uint64(0)
	for bytes := r.take(uint64(size)); len(bytes) > 0; bytes = bytes[1:] {
		n = n<<8 | uint64(bytes[0])
	}
	return n
}

// message reads a length and that many bytes.
func (r *gobReader) message() string { return r.take(r.number()) }

const (
	gobString  = 6 << 1  // number of the type string
	gobOwnType = 64 << 1 // types from this number on are described in the gob

	// maxGobType is the largest number of a type, twice its id, which is an int32.
	maxGobType uint64 = 1<<32 - 2
)

// value reads a value of the map. A nil has neither type nor data.
func (r *gobReader) value(each func(string)) {
	r.message() // its name
	typeName := r.message()
	if len(typeName) == 0 {
		return
	}
	kind := r.number()
	data := gobReader{left: r.message()}
	if r.wrong = r.wrong || kind >= gobOwnType; r.wrong {
		return
	}
	if kind != gobString || string(typeName) != "string" {
		return
	}
	if data.number() == 0 {
		each(data.message())
	}
	r.wrong = data.wrong
}

// stringPairs returns the part of a gob that has the values, if each of them is a string.
// What it accepts, gob decodes to the same strings (FuzzStringPairs).
func stringPairs(gob string) (pairs string, ok bool) {
	r := gobReader{left: gob}
	kind := mapNumber(r.message())
	m := gobReader{left: r.message(), wrong: r.wrong || len(r.left) > 0 || kind == 0}
	of, zero, n := m.number(), m.number(), m.number()
	m.wrong = m.wrong || of != kind || zero != 0 // read first: a number can be wrong, too
	for pairs = m.left; n > 0 && m.ok(); n-- {
		m.pair()
	}
	return pairs, m.ok() && len(m.left) == 0
}

// mapType is how gob describes a map[string]any, between and behind its numbers.
const (
	mapType    = "\x04\x01\x02"
	mapTypeEnd = "\x00\x01\x0c\x01\x10\x00\x00"
)

// stringType is the name and the number of the type string, as they are before a string.
const stringType = "\x06string\x0c"

// mapNumber returns the number of the type that a message describes, as values have it,
// if that is a map[string]any; otherwise 0.
func mapNumber(message string) uint64 {
	r := gobReader{left: message}
	described := r.number()
	if r.take(uint64(len(mapType))) != mapType {
		return 0
	}
	number := r.number()
	if r.left != mapTypeEnd || described != number-1 || number < gobOwnType || number%2 == 1 || number > maxGobType {
		return 0
	}
	return number
}

// pair reads a name and a value, which has to be a string.
func (r *gobReader) pair() (name, text string) {
	name = r.message()
	known := r.take(uint64(len(stringType))) == stringType
	size, before := r.number(), len(r.left)
	known = known && r.number() == 0
	text = r.message()
	r.wrong = r.wrong || !known || size != uint64(before-len(r.left))
	return name, text
}

// eachPair iterates over names and strings.
func eachPair(pairs string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for r := (gobReader{left: pairs}); len(r.left) > 0 && r.ok(); {
			if !yield(r.pair()) {
				return
			}
		}
	}
}

// findPair returns the string of a name. Of several the last counts, as for gob.
func findPair(pairs, name string) (text string, ok bool) {
	for r := (gobReader{left: pairs}); len(r.left) > 0 && r.ok(); {
		if n, t := r.pair(); n == name {
			text, ok = t, true
		}
	}
	return text, ok
}
