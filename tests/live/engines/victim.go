// SPDX-License-Identifier: MIT
// A Go program of everything that Go does: goroutines that compute, sleep, lock, talk over channels, pipes and sockets, collect
// garbage, and are preempted by signals. It ends with its standard input, and says "ok" when all sums were right.
package main

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

var over int32
var bad atomic.Value
var rounds int64

func fail(format string, arguments ...interface{}) {
	bad.CompareAndSwap(nil, fmt.Sprintf(format, arguments...))
}

func running() bool {
	atomic.AddInt64(&rounds, 1)
	return atomic.LoadInt32(&over) == 0
}

func compute() {
	var expected [32]byte
	data := make([]byte, 1<<16)
	for round := 0; running(); round++ {
		for i := range data {
			data[i] = byte(i * 7)
		}
		sum := sha256.Sum256(data)
		if round > 0 && sum != expected {
			fail("a sum changed")
		}
		expected = sum
	}
}

func collect() {
	for running() {
		lists := make(map[int][]byte)
		for i := 0; i < 500; i++ {
			lists[i] = make([]byte, 4096)
			lists[i][i] = byte(i)
		}
		for i, list := range lists {
			if list[i] != byte(i) {
				fail("memory changed")
			}
		}
	}
}

func sleep() {
	for running() {
		before := time.Now()
		time.Sleep(3 * time.Millisecond)
		if time.Since(before) < 3*time.Millisecond {
			fail("a sleep was short: %v", time.Since(before))
		}
	}
}

func echo(connection io.ReadWriter, name string) {
	buffer := make([]byte, 100)
	for i := 0; running(); i++ {
		text := fmt.Sprintf("%s %d", name, i)
		if _, err := io.WriteString(connection, text); err != nil {
			fail("%s: %v", name, err)
			return
		}
		n, err := connection.Read(buffer)
		if err != nil || string(buffer[:n]) != text {
			fail("%s: %v", name, err)
			return
		}
	}
}

type pipe struct {
	io.Reader
	io.Writer
}

func serve(listener net.Listener) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go io.Copy(connection, connection)
	}
}

func main() {
	var group sync.WaitGroup
	start := func(work func()) {
		group.Add(1)
		go func() {
			defer group.Done()
			work()
		}()
	}
	runtime.GOMAXPROCS(4)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println("bad:", err)
		os.Exit(1)
	}
	go serve(listener)
	for i := 0; i < 2; i++ {
		start(compute)
		start(collect)
	}
	for i := 0; i < 8; i++ {
		start(sleep)
		start(func() {
			connection, err := net.Dial("tcp", listener.Addr().String())
			if err != nil {
				fail("dial: %v", err)
				return
			}
			defer connection.Close()
			echo(connection, "socket")
		})
		start(func() {
			reader, writer, err := os.Pipe() // written and read by one goroutine: never blocks
			if err != nil {
				fail("pipe: %v", err)
				return
			}
			echo(pipe{reader, writer}, "pipe")
		})
	}
	fmt.Println("ready")
	bufio.NewReader(os.Stdin).ReadString('\n')
	atomic.StoreInt32(&over, 1)
	group.Wait()
	if reason := bad.Load(); reason != nil {
		fmt.Println("bad:", reason)
		os.Exit(1)
	}
	fmt.Println(atomic.LoadInt64(&rounds), "rounds")
	fmt.Println("ok")
}
