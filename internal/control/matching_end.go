package control

import (
	"context"
	"errors"
	"slices"
	"time"

	"pagesession/internal/account"
	"pagesession/storage/record"
)

// endRows ends sessions piece by piece.
func (m *matchingRun) endRows(ctx context.Context, rows []record.Row) error {
	for piece := range slices.Chunk(rows, matchingPiece) {
		if ctx.Err() != nil {
			return nil
		}
		if err := m.mayStill(ctx); err != nil {
			return err
		}
		begun := m.Now()
		if err := m.endPiece(ctx, piece); err != nil {
			return err
		}
		m.rest(ctx, begun)
	}
	return nil
}

// endPiece ends some sessions. The store may fail on the way: what has ended counts.
func (m *matchingRun) endPiece(ctx context.Context, rows []record.Row) error {
	n, err := m.on.Visitors.EndMany(context.WithoutCancel(ctx), keysOf(rows), record.Revoked)
	later, err := notOnDisk(err)
	m.done.Count, m.done.NotOnDisk = m.done.Count+n, m.done.NotOnDisk || later
	if n > 0 {
		m.note(rows, n)
	}
	if m.Progress != nil {
		m.Progress(m.done.Count)
	}
	return err
}

// note keeps the first sessions. Where fewer ended than were asked for it looks which ones.
func (m *matchingRun) note(rows []record.Row, ended int) {
	var noted []record.Row
	for _, row := range rows {
		if m.noted+len(noted) == mostOfOneEnd {
			break
		}
		if ended == len(rows) || !m.on.notRevoked(row.Handle) {
			noted = append(noted, row)
		}
	}
	for _, row := range noted[:min(len(noted), mostPrints-len(m.done.Fingerprints))] {
		m.done.Fingerprints = append(m.done.Fingerprints, row.Handle.Fingerprint())
	}
	m.noted += len(noted)
	m.on.LastEnded.add(m.by, noted...)
}

// mayStill asks once a second whether the operator may end sessions. Accounts that cannot be
// asked change nothing: they said yes before.
func (m *matchingRun) mayStill(ctx context.Context) error {
	if m.by.Via != account.ViaConsole || m.Now().Sub(m.asked) < askEvery {
		return nil
	}
	m.asked = m.Now()
	if err := m.on.Accounts.May(ctx, m.by, account.DeleteSession); errors.Is(err, account.ErrForbidden) {
		return ErrNoLonger
	}
	return nil
}

func (m *matchingRun) rest(ctx context.Context, begun time.Time) {
	if m.Pause != nil {
		m.Pause(ctx, m.Now().Sub(begun))
		return
	}
	Rest(ctx, m.Now().Sub(begun))
}
