package storage

import (
	"errors"
	"fmt"
	"time"
)

// Close waits for the changes that are queued, writes all refreshes, and closes the
// file, within QueueTimeout. It returns what went wrong with that, also when it is
// called again: then refreshes of the last moments and ends that were not durable may
// be missing from the file. After Close, changes and Get return ErrClosed, while
// Refresh, Peek and List work on in memory and no longer reach the file.
func (s *Storage) Close() error {
	s.once.Do(func() { s.result = s.close() })
	return s.result
}

func (s *Storage) close() error {
	if s.cfg.ReadOnly {
		return s.closeReadOnly()
	}
	s.closing.Lock()
	s.closed.Store(true)
	s.closing.Unlock()
	close(s.gone)
	close(s.sweeper.stop)
	<-s.sweeper.done
	close(s.writer.queue) // after the sweeper, so the last flush has its last ends
	if err := s.finish(); err != nil {
		return fmt.Errorf("storage: close session file %q: %w", s.cfg.Database, err)
	}
	return nil
}

// finish waits for the writer, as long as a change would. A disk that hangs longer
// may still write what it was given, so the file stays locked until it answers.
func (s *Storage) finish() error {
	released := make(chan error, 1)
	go func() {
		<-s.writer.done
		released <- errors.Join(s.writer.last, s.lock.Release())
	}()
	limit := time.NewTimer(s.cfg.QueueTimeout)
	defer limit.Stop()
	select {
	case err := <-released:
		return err
	case <-limit.C:
		return fmt.Errorf("%w: the disk has not answered within %v (QueueTimeout)", ErrUnavailable, s.cfg.QueueTimeout)
	}
}
