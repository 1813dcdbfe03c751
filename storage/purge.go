package storage

import "time"

// A pacer says when the next transaction comes that only deletes garbage.
//
// Each transaction deletes purgeStep records. When many sessions end at once those of
// the changes and flushes are too few. To delete more in each of them would make the
// changes wait, so transactions of their own follow each other, and leave the disk and
// the processor to others for two thirds of the time.
type pacer struct {
	timer *time.Timer
	due   bool // the timer runs
}

func (p *pacer) start() {
	p.timer = time.NewTimer(time.Hour)
	p.timer.Stop()
}

// planPurge sets the timer if there is garbage. A file that is tight is emptied by its
// flushes, see relieve.
func (w *writer) planPurge() {
	if w.purge.due || w.detached != nil || w.isTight() || !w.trash.isRipe() {
		return
	}
	w.purge.due = true
	w.purge.timer.Reset(max(purgePause, 2*w.took))
}
