package session

// eachString calls each for every string among a session's values, with its bytes in
// the gob. It decodes nothing. It returns false if it does not understand the gob,
// because a value has a type that gob had to describe. By then it has called each
// for some strings.
//
// The gob is a map[string]any in messages, each after its length: first the map's
// type, then the map. The map is a 0 and the number of values. Each value is its
// name, its type's name and number, its length, and its data.
func eachString(gob []byte, each func([]byte)) bool {
	r := gobReader{left: gob}
	message := r.message()
	for r.ok() && isType(message) {
		message = r.message()
	}
	m := gobReader{left: message, wrong: r.wrong || len(r.left) > 0}
	m.number() // of the map's type
	m.wrong = m.wrong || m.number() != 0
	for n := m.number(); n > 0 && m.ok(); n-- {
		m.value(each)
	}
	return m.ok() && len(m.left) == 0
}

// isType reports whether a message describes a type. Its number is negative then,
// which gob marks with the lowest bit.
func isType(message []byte) bool {
	r := gobReader{left: message}
	return r.number()&1 == 1
}

// A gobReader reads gob's numbers and byte strings. After an error it returns only 0
// and nil.
type gobReader struct {
	left  []byte
	wrong bool
}

func (r *gobReader) ok() bool { return !r.wrong }

// take reads n bytes.
func (r *gobReader) take(n uint64) []byte {
	if r.wrong || n > uint64(len(r.left)) {
		r.wrong = true
		return nil
	}
	b := r.left[:n]
	r.left = r.left[n:]
	return b
}

// number reads an unsigned number. Below 128 it is one byte. Otherwise the first
// byte is the negative of how many bytes follow.
func (r *gobReader) number() uint64 {
	first := r.take(1)
	if r.wrong {
		return 0
	}
	if first[0] < 0x80 {
		return uint64(first[0])
	}
	size := -int(int8(first[0]))
	r.wrong = size > 8
	n := uint64(0)
	for _, b := range r.take(uint64(size)) {
		n = n<<8 | uint64(b)
	}
	return n
}

// message reads a length and that many bytes.
func (r *gobReader) message() []byte { return r.take(r.number()) }

const (
	gobString  = 6 << 1  // number of the type string
	gobOwnType = 64 << 1 // types from this number on are described in the gob
)

// value reads a value of the map. A nil has neither type nor data.
func (r *gobReader) value(each func([]byte)) {
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
