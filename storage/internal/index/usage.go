package index

// A Usage is how many bytes of memory the parts of an index take, see storage.Memory.
type Usage struct{ Table, Values, Ended, Subjects, Touches int64 }

// Bytes of one member. Go's maps are fuller than half and emptier than seven eighths, so a
// member takes about one and a half times its size. TestUsage compares the result with the heap.
const (
	slotBytes    = 64
	bodyBytes    = 48
	roundedBytes = 8  // that Go allocates for a value beyond its length, on average
	endedBytes   = 58 // a handle and a tombstone, in a map
	memberBytes  = 54 // a key of a subject, in a map
	subjectBytes = 400
	touchBytes   = 16
)

// Usage returns what the index takes now. It locks one shard after the other, so changes
// meanwhile may be counted in part.
func (x *Index) Usage() (u Usage) {
	bodies := int64(0)
	x.each(func(s *Shard) {
		slots := len(s.live.slots)
		bodies += int64(s.live.count)
		for _, a := range s.aside {
			slots += len(a.slots)
			bodies += int64(a.count)
		}
		u.Table += int64(slots) * slotBytes
		u.Ended += int64(len(s.Ended.young)+len(s.Ended.old)) * endedBytes
		u.Touches += int64(cap(s.touches.touches)) * touchBytes
	})
	u.Values = x.Bytes.Load() + bodies*(bodyBytes+roundedBytes)
	u.Subjects = x.subjects.bytes()
	return u
}

func (s *subjects) bytes() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int64(len(s.byNumber))*subjectBytes + int64(s.members)*memberBytes
}
