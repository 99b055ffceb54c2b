package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/pion/dtls/v2"
)

const (
	differentMessages = 61
	smallMessage      = 64
)

var errEcho = errors.New("an echo differs from what was sent")

type client struct {
	config *dtls.Config
	held   []*dtls.Conn
}

func (c *client) connect(port int) (*dtls.Conn, uint16, error) {
	conn, err := dtls.Dial("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}, c.config)
	if err != nil {
		return nil, 0, err
	}
	suite, err := suiteOf(conn)
	return conn, suite, err
}

// inLanes makes associations in several goroutines and hands them over one at a time, until there is no more to do.
func (c *client) inLanes(o order, use func(*dtls.Conn) error, more func(begun int) bool) (answer, error) {
	var lock sync.Mutex
	var group sync.WaitGroup
	var failure error
	begun, count := 0, 0
	suites := map[uint16]bool{}
	begin := func() bool {
		lock.Lock()
		defer lock.Unlock()
		if failure != nil || !more(begun) {
			return false
		}
		begun++
		return true
	}
	finish := func(conn *dtls.Conn, suite uint16, err error) {
		if err == nil {
			err = use(conn)
		}
		lock.Lock()
		defer lock.Unlock()
		if err != nil {
			failure = err
			return
		}
		count++
		suites[suite] = true
	}
	start := time.Now()
	for i := 0; i < o.AtOnce; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for begin() {
				finish(c.connect(o.Port))
			}
		}()
	}
	group.Wait()
	return answer{"count": count, "seconds": time.Since(start).Seconds(), "suites": keys(suites)}, failure
}

func (c *client) handshakes(o order) (answer, error) {
	end := time.Now().Add(time.Duration(o.Milliseconds) * time.Millisecond)
	use := func(conn *dtls.Conn) error { return conn.Close() }
	return c.inLanes(o, use, func(int) bool { return time.Now().Before(end) })
}

func (c *client) open(o order) (answer, error) {
	var lock sync.Mutex
	use := func(conn *dtls.Conn) error {
		lock.Lock()
		c.held = append(c.held, conn)
		lock.Unlock()
		_, err := exchange(conn, order{Size: smallMessage, AtOnce: 1})
		return err
	}
	return c.inLanes(o, use, func(begun int) bool { return begun < o.Count })
}

func (c *client) echo(o order) (answer, error) {
	conn, _, err := c.connect(o.Port)
	if err != nil {
		return nil, err
	}
	start := time.Now()
	count, err := exchange(conn, o)
	seconds := time.Since(start).Seconds()
	if err == nil {
		err = conn.Close()
	}
	return answer{"count": count, "seconds": seconds}, err
}

// exchange sends messages and compares each with its echo, in order, until it is over.
func exchange(conn net.Conn, o order) (int, error) {
	messages := make([][]byte, differentMessages)
	for i := range messages {
		messages[i] = make([]byte, o.Size)
		if _, err := rand.Read(messages[i]); err != nil {
			return 0, err
		}
	}
	end := time.Now().Add(time.Duration(o.Milliseconds) * time.Millisecond)
	buffer := make([]byte, largestMessage)
	sent, received := 0, 0
	for sent < o.AtOnce || received < sent {
		if sent < o.AtOnce || (sent-received < o.AtOnce && time.Now().Before(end)) {
			if _, err := conn.Write(messages[sent%differentMessages]); err != nil {
				return received, err
			}
			sent++
			continue
		}
		size, err := conn.Read(buffer)
		if err != nil {
			return received, err
		}
		if !bytes.Equal(buffer[:size], messages[received%differentMessages]) {
			return received, errEcho
		}
		received++
	}
	return received, nil
}
