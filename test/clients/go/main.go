// What a user of the official Go SDK does in a day, on one server: connect, list, call, read, subscribe, be told of an update; then
// the server is restarted, and it goes on.
// usage: story URL
// Lines and the restart: as in story.py.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const (
	namespace = "team-a"
	uri       = "k0rdent://events/" + namespace
	stepTime  = 15 * time.Second
	liveAfter = 700 * time.Millisecond // the snapshot is told long before
)

func ok(step string, detail ...any) {
	fmt.Println(append([]any{"ok", step}, detail...)...)
}

type update struct {
	at     time.Time
	params *mcp.ResourceUpdatedNotificationParams
}

type client struct {
	session *mcp.ClientSession
	updates chan update
}

func connect(ctx context.Context, url string) (*client, error) {
	c := &client{updates: make(chan update, 10000)}
	options := &mcp.ClientOptions{
		ResourceUpdatedHandler: func(_ context.Context, request *mcp.ResourceUpdatedNotificationRequest) {
			c.updates <- update{time.Now(), request.Params}
		},
	}
	var err error
	c.session, err = mcp.NewClient(&mcp.Implementation{Name: "client-story", Version: "1"}, options).
		Connect(ctx, &mcp.StreamableClientTransport{Endpoint: url}, nil)
	return c, err
}

func text(result *mcp.CallToolResult, err error) (string, error) {
	if err != nil {
		return "", err
	}
	said := result.Content[0].(*mcp.TextContent).Text
	if result.IsError {
		return "", errors.New(said)
	}
	return said, nil
}

func (c *client) call(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	listed, err := text(c.session.CallTool(ctx, &mcp.CallToolParams{Name: "k0rdent.mgmt.namespaces.list"}))
	if err != nil {
		return err
	}
	if !strings.Contains(listed, namespace) {
		return fmt.Errorf("%s is not in the list of namespaces", namespace)
	}
	// What an adapter writes for everything that was left out.
	nulls := map[string]any{"namespace": namespace, "types": nil, "forKind": nil, "limit": nil, "labelSelector": nil}
	if _, err := text(c.session.CallTool(ctx, &mcp.CallToolParams{Name: "k0rdent.mgmt.events.list", Arguments: nulls})); err != nil {
		return err
	}
	ok("call")
	return nil
}

func (c *client) subscribe(ctx context.Context) error {
	since := time.Now()
	if err := c.session.Subscribe(ctx, &mcp.SubscribeParams{URI: uri}); err != nil {
		return err
	}
	ok("subscribe")
	for {
		select {
		case came := <-c.updates:
			if came.at.Sub(since) < liveAfter {
				continue
			}
			if _, there := came.params.Meta["delta"]; !there {
				return fmt.Errorf("an update without its delta: %v", came.params)
			}
			ok("update")
			return nil
		case <-time.After(stepTime):
			return fmt.Errorf("an update: nothing within %v", stepTime)
		}
	}
}

func (c *client) day(ctx context.Context) error {
	ok("connect", c.session.InitializeResult().ProtocolVersion)
	tools, err := c.session.ListTools(ctx, nil)
	if err != nil {
		return err
	}
	ok("list", len(tools.Tools))
	if err := c.call(ctx); err != nil {
		return err
	}
	read, err := c.session.ReadResource(ctx, &mcp.ReadResourceParams{URI: uri})
	if err != nil {
		return err
	}
	if read.Contents[0].Text == "" {
		return errors.New("an empty resource")
	}
	ok("read")
	return c.subscribe(ctx)
}

func story(ctx context.Context, url string) error {
	c, err := connect(ctx, url)
	if err != nil {
		return err
	}
	if err := c.day(ctx); err != nil {
		return err
	}
	ok("ready")
	bufio.NewReader(os.Stdin).ReadString('\n')
	if err = c.call(ctx); err == nil {
		// It still believes in the subscription that went with the server, and would ask for nothing.
		c.session.Unsubscribe(ctx, &mcp.UnsubscribeParams{URI: uri})
		if err = c.subscribe(ctx); err == nil {
			ok("survive", "same client")
			return nil
		}
	}
	fmt.Println("note after the restart:", err)
	c.session.Close()
	if c, err = connect(ctx, url); err != nil {
		return err
	}
	if err := c.day(ctx); err != nil {
		return err
	}
	ok("survive", "new client")
	return nil
}

func main() {
	if err := story(context.Background(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
