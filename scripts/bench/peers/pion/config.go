package main

import (
	"bytes"
	"crypto/tls"
	"encoding/gob"
	"encoding/hex"
	"fmt"
	"net"

	"github.com/pion/dtls/v2"
)

func newConfig(s setting) (*dtls.Config, error) {
	config := &dtls.Config{
		CipherSuites: []dtls.CipherSuiteID{dtls.CipherSuiteID(s.Suite)},
		// As with the others: werift cannot verify a chain.
		InsecureSkipVerify: true,
	}
	if s.Credential == "psk" {
		key, err := hex.DecodeString(s.Key)
		config.PSK = func([]byte) ([]byte, error) { return key, nil }
		config.PSKIdentityHint = []byte(s.Identity)
		return config, err
	}
	certificate, err := tls.X509KeyPair([]byte(s.Certificate), []byte(s.PrivateKey))
	config.Certificates = []tls.Certificate{certificate}
	return config, err
}

// suiteOf reads the negotiated suite from the serialised state: there is no getter.
func suiteOf(conn net.Conn) (uint16, error) {
	established, ok := conn.(*dtls.Conn)
	if !ok {
		return 0, fmt.Errorf("%T is no connection of pion", conn)
	}
	state := established.ConnectionState()
	data, err := state.MarshalBinary()
	if err != nil {
		return 0, err
	}
	var serialized struct{ CipherSuiteID uint16 }
	err = gob.NewDecoder(bytes.NewReader(data)).Decode(&serialized)
	return serialized.CipherSuiteID, err
}
