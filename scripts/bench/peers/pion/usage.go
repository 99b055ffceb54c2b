package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"syscall"
)

// cpu returns the microseconds that this process has used.
func cpu() (int64, error) {
	var usage syscall.Rusage
	err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return (usage.Utime.Nano() + usage.Stime.Nano()) / 1000, err
}

// memory returns what is resident and what Go's heap and stacks hold, in bytes, after giving back what is free.
func memory() (rss int64, heap uint64, err error) {
	runtime.GC()
	debug.FreeOSMemory()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, 0, err
	}
	var size, resident int64
	_, err = fmt.Fscan(bytes.NewReader(text), &size, &resident)
	return resident * int64(os.Getpagesize()), stats.HeapAlloc + stats.StackInuse, err
}
