package disk

import "golang.org/x/sys/windows"

// Free returns how many bytes the file system of path has left for this process's user, and its
// size.
func Free(path string) (free, size int64, err error) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return 0, 0, err
	}
	var left, all uint64
	err = windows.GetDiskFreeSpaceEx(name, &left, &all, nil)
	return int64(left), int64(all), err
}
