package app

import (
	"cmp"
	"context"

	"pagesession/internal/control"
	"pagesession/storage/record"
)

// A movingLister is the Lister of movableVisitors. While a move is under way, a list begins
// with sessions in the file, at most as many as a page has, and goes on with those in Redis,
// by position.
type movingLister struct{ v *movableVisitors }

// both returns the listers of the stores in use: of Redis, and of the file during a move.
func (l movingLister) both() (main, file control.Lister) {
	at, from := l.v.sides()
	main = at.lister()
	if from == nil {
		return main, nil
	}
	if file = from.lister(); file.ByPosition() {
		return file, main
	}
	return main, file
}

// ByPosition implements control.Lister.
func (l movingLister) ByPosition() bool {
	main, _ := l.both()
	return main.ByPosition()
}

// List implements control.Lister.
func (l movingLister) List(ctx context.Context, q record.Query) (record.Page, error) {
	main, file := l.both()
	page, err := main.List(ctx, q)
	if err != nil || file == nil {
		return page, err
	}
	first := q.From == record.Position{}
	q.From, q.Offset = record.Position{}, 0
	more, err := file.List(ctx, q)
	if err != nil {
		return page, err
	}
	page.Total += more.Total
	if first {
		page.Rows, page.Looked = append(more.Rows, page.Rows...), page.Looked+more.Total
	}
	return page, nil
}

// Find implements control.Lister.
func (l movingLister) Find(ctx context.Context, h record.Handle) (record.Row, error) {
	rows, err := l.FindMany(ctx, []record.Handle{h})
	if err != nil {
		return record.Row{}, err
	}
	return rows[0], nil
}

// FindMany implements control.Lister.
func (l movingLister) FindMany(ctx context.Context, handles []record.Handle) ([]record.Row, error) {
	return l.v.store.FindMany(ctx, handles)
}

// OfSubject implements control.Lister.
func (l movingLister) OfSubject(ctx context.Context, subject string) ([]record.Row, error) {
	return l.v.store.OfSubject(ctx, subject)
}

// End implements control.Lister.
func (l movingLister) End(ctx context.Context, k record.Key, why record.Reason) (bool, error) {
	return l.v.store.End(ctx, k, why)
}

// EndMany implements control.Lister.
func (l movingLister) EndMany(ctx context.Context, keys []record.Key, why record.Reason) (int, error) {
	return l.v.store.EndMany(ctx, keys, why)
}

// EndAll implements control.Lister.
func (l movingLister) EndAll(ctx context.Context, why record.Reason) (int, error) {
	return l.v.store.EndAll(ctx, why)
}

// Sweep implements control.Lister.
func (l movingLister) Sweep(ctx context.Context) (int, error) {
	main, file := l.both()
	n, err := main.Sweep(ctx)
	if file == nil {
		return n, err
	}
	more, failed := file.Sweep(ctx)
	return n + more, cmp.Or(err, failed)
}

// Sync implements control.Lister.
func (l movingLister) Sync(ctx context.Context) error {
	main, file := l.both()
	if file != nil {
		main = file
	}
	return main.Sync(ctx)
}

// RewriteNext implements control.Lister.
func (l movingLister) RewriteNext() error {
	main, file := l.both()
	if file != nil {
		main = file
	}
	return main.RewriteNext()
}
