package move_test

import (
	"context"
	"errors"
	"testing"

	"pagesession/internal/move"
	"pagesession/internal/testkit"
	"pagesession/storage/record"
)

var errUnfit = errors.New("it does not fit")

// After an attempt to begin that failed, both stores say what they said before. What a move
// that was interrupted has written stays, because a start goes on with it by that.
func TestStore_Begin_Fails(t *testing.T) {
	interrupted, moved := record.Move{Way: record.MovingFrom, Place: "redis://a:6379"}, record.Move{Way: record.MovedTo, Place: "redis://a:6379"}
	for name, tt := range map[string]struct {
		source, target record.Move // what they say before
		begin          func(ctx context.Context, s *move.Store, to move.Side) error
	}{
		"Source": {target: interrupted, begin: func(ctx context.Context, s *move.Store, to move.Side) error {
			return s.Begin(ctx, to, places, interrupted, nil)
		}},
		"Fit": {source: record.Move{}, target: moved, begin: func(ctx context.Context, s *move.Store, to move.Side) error {
			return s.Begin(ctx, to, places, interrupted, func(context.Context) error { return errUnfit })
		}},
		"CallerGone": {begin: func(ctx context.Context, s *move.Store, to move.Side) error {
			ctx, cancel := context.WithCancel(ctx)
			return s.Begin(ctx, to, places, interrupted, func(context.Context) error { cancel(); return ctx.Err() })
		}},
	} {
		t.Run(name, func(t *testing.T) {
			clock := testkit.NewClock()
			source, target := &mute{File: move.FileOf(openFile(t, clock))}, move.FileOf(openFile(t, clock))
			for side, m := range map[move.Side]record.Move{source: tt.source, target: tt.target} {
				if err := side.SetMark(t.Context(), m); err != nil {
					t.Fatal(err)
				}
			}
			source.fails = name == "Source"
			s := closed(t, move.New(source))
			if err := tt.begin(t.Context(), s, target); err == nil {
				t.Error("Begin = nil; want an error")
			}
			if m := target.Storage.Mark(); m != tt.target {
				t.Errorf("the target says %q; want %q", m, tt.target)
			}
			if m := source.Storage.Mark(); m != tt.source {
				t.Errorf("the source says %q; want %q", m, tt.source)
			}
			if _, from := s.At(); from != nil {
				t.Error("sessions move; want that they do not")
			}
		})
	}
}

// mute is a File that cannot say once that its sessions move.
type mute struct {
	move.File
	fails bool
}

func (f *mute) SetMark(ctx context.Context, m record.Move) error {
	if f.fails {
		f.fails = false
		return record.ErrUnavailable
	}
	return f.File.SetMark(ctx, m)
}

// A move that was interrupted goes on though neither store can write, as on a full disk.
func TestStore_Begin_GoesOn(t *testing.T) {
	clock := testkit.NewClock()
	source, target := &mute{File: move.FileOf(openFile(t, clock))}, &mute{File: move.FileOf(openFile(t, clock))}
	from, to := record.Move{Way: record.MovingTo, Place: places.To}, record.Move{Way: record.MovingFrom, Place: places.From}
	for side, m := range map[*mute]record.Move{source: from, target: to} {
		if err := side.SetMark(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		side.fails = true
	}
	s := closed(t, move.New(&struct{ held }{held{source}}))
	if err := s.Begin(t.Context(), target, places, to, nil); err != nil {
		t.Errorf("Begin = %v; want nil", err)
	}
}
