package launcher

// CloseOnExec marks every descriptor above 2, so that no program that is started
// gets one that was not meant for it. Errors: as Exec.
func CloseOnExec() error { return closeOnExec() }
