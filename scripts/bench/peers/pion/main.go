// The player of pion: carries out the commands of ../contract.mjs.

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

// setting is what contract.mjs calls a Setting.
type setting struct {
	Credential  string `json:"credential"`
	Suite       uint16 `json:"suite"`
	Identity    string `json:"identity"`
	Key         string `json:"key"`
	Certificate string `json:"certificate"`
	PrivateKey  string `json:"privateKey"`
}

// order is a command with the fields of all commands.
type order struct {
	Command      string `json:"command"`
	Port         int    `json:"port"`
	Milliseconds int    `json:"milliseconds"`
	Size         int    `json:"size"`
	Count        int    `json:"count"`
	AtOnce       int    `json:"atOnce"`
}

type answer map[string]interface{}

type player struct {
	client *client
	server *server
}

func (p *player) carryOut(o order) (answer, error) {
	switch o.Command {
	case "listen":
		port, err := p.server.listen()
		return answer{"port": port}, err
	case "served":
		accepted, suites := p.server.served()
		return answer{"accepted": accepted, "suites": suites}, nil
	case "forget":
		p.server.forget()
		return answer{}, nil
	case "cpu":
		microseconds, err := cpu()
		return answer{"microseconds": microseconds}, err
	case "memory":
		rss, heap, err := memory()
		return answer{"rss": rss, "heap": heap}, err
	case "handshakes":
		return p.client.handshakes(o)
	case "echo":
		return p.client.echo(o)
	case "open":
		return p.client.open(o)
	}
	return nil, fmt.Errorf("there is no command %s", o.Command)
}

func newPlayer(text string) (*player, error) {
	var s setting
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return nil, err
	}
	config, err := newConfig(s)
	if err != nil {
		return nil, err
	}
	return &player{client: &client{config: config}, server: newServer(config)}, nil
}

func main() {
	p, err := newPlayer(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	lines := bufio.NewScanner(os.Stdin)
	answers := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var o order
		err := json.Unmarshal(lines.Bytes(), &o)
		var result answer
		if err == nil {
			result, err = p.carryOut(o)
		}
		if err != nil {
			result = answer{"error": err.Error()}
		}
		if answers.Encode(result) != nil {
			return
		}
	}
}
