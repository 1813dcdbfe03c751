//go:build linux

package promises

// All is every attack, in the order in which they run.
func All() []Attack {
	return []Attack{
		killAttack(), powercutAttack(), raceAttack(), boundaryAttack(), ownerAttack(), pauseAttack(), logAttack(),
		errorsAttack(), roomAttack(), swapAttack(), hangAttack(), lengthenAttack(), clockAttack(), damageAttack(), replayAttack(), lostAttack(), floodAttack(), slowAttack(),
		backupAttack(), idsAttack(),
	}
}
