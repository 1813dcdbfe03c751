package session

// eachString calls each for every string among a session's values, with the
// bytes that stand in its gob. It decodes nothing. It returns false when it does
// not understand the gob, because a value has a type that gob had to describe;
// each has then been called for some strings.
//
// The gob is a map[string]any as a series of messages, each behind its length:
// first the map's type, then the map. The map is a 0 and the number of values;
// of each value its name, its type's name and number, its length and the value.
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

// isType reports whether a message describes a type: its number is negative,
// which gob keeps in the lowest bit.
func isType(message []byte) bool {
	r := gobReader{left: message}
	return r.number()&1 == 1
}

// A gobReader reads gob's numbers and byte strings. Once something is wrong, all
// that it reads is 0 or nil.
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

// number reads an unsigned number: below 128 it is one byte, else as many bytes as
// the first one says, which is negative.
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

// message reads what stands behind its length.
func (r *gobReader) message() []byte { return r.take(r.number()) }

const (
	gobString  = 6 << 1  // number of the type string
	gobOwnType = 64 << 1 // from here on types are described
)

// value reads a value of the map. A nil has no type and no value.
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
