package main

import (
	"net"
	"sync"

	"github.com/pion/dtls/v2"
)

// Accept makes the whole handshake, so one loop would make one handshake at a time.
const accepting = 8

const largestMessage = 8192

// server echoes every message.
type server struct {
	config   *dtls.Config
	lock     sync.Mutex
	conns    map[net.Conn]bool
	accepted int
	suites   map[uint16]bool
}

func newServer(config *dtls.Config) *server {
	return &server{config: config, conns: map[net.Conn]bool{}, suites: map[uint16]bool{}}
}

func (s *server) listen() (int, error) {
	listener, err := dtls.Listen("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}, s.config)
	if err != nil {
		return 0, err
	}
	for i := 0; i < accepting; i++ {
		go s.acceptFrom(listener)
	}
	return listener.Addr().(*net.UDPAddr).Port, nil
}

func (s *server) acceptFrom(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			continue // of one client; the listener stays open until the process ends
		}
		s.remember(conn)
		go s.echo(conn)
	}
}

func (s *server) remember(conn net.Conn) {
	suite, err := suiteOf(conn)
	if err != nil {
		suite = 0 // which no comparison expects
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	s.conns[conn] = true
	s.accepted++
	s.suites[suite] = true
}

func (s *server) echo(conn net.Conn) {
	defer func() {
		conn.Close()
		s.lock.Lock()
		defer s.lock.Unlock()
		delete(s.conns, conn)
	}()
	buffer := make([]byte, largestMessage)
	for {
		size, err := conn.Read(buffer)
		if err != nil {
			return
		}
		if _, err := conn.Write(buffer[:size]); err != nil {
			return
		}
	}
}

func (s *server) served() (int, []uint16) {
	s.lock.Lock()
	defer s.lock.Unlock()
	accepted := s.accepted
	s.accepted = 0
	return accepted, keys(s.suites)
}

func (s *server) forget() {
	s.lock.Lock()
	defer s.lock.Unlock()
	for conn := range s.conns {
		go conn.Close() // which ends echo, and that wants the lock
	}
}

func keys(set map[uint16]bool) []uint16 {
	list := []uint16{}
	for key := range set {
		list = append(list, key)
	}
	return list
}
