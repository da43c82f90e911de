// What kubectl reads and reaches, the product does: each form of a kubeconfig (forms.go) and each form of a server's
// certificate (certificates.go) is given to client-go, which is what kubectl reads with, and to `k0rdent-mcp check`.
// A server records who came, and both must have come in the same way, or both not at all.
//
// usage: parity PROGRAM    prints "ok NAME" or "not ok NAME: why" for each form; exits 1 when one is not ok
// With -v it also says what both did.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"k8s.io/client-go/discovery"
	_ "k8s.io/client-go/plugin/pkg/client/auth" // kubectl's auth-provider: oidc
	"k8s.io/client-go/tools/clientcmd"
)

// How long each side may take for one form.
const patience = 20 * time.Second

type side struct {
	came string // how the first request came, "" when none did
	kept string // the auth provider's part of the file afterwards
	said string // an error, or what the program printed
}

func byClientGo(file string, world *world) side {
	world.forget()
	rules := &clientcmd.ClientConfigLoadingRules{ExplicitPath: file}
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{}).ClientConfig()
	if err != nil {
		return side{said: "load: " + err.Error()}
	}
	config.Timeout = patience
	client, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return side{said: "client: " + err.Error()}
	}
	if _, err = client.ServerVersion(); err != nil {
		return side{came: world.first(), said: "ask: " + err.Error()}
	}
	return side{came: world.first()}
}

func byProgram(program, file string, world *world) side {
	world.forget()
	limit, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	command := exec.CommandContext(limit, program, "check", "--kubeconfig="+file)
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Dir(file)}
	out, _ := command.CombinedOutput()
	return side{came: world.first(), said: string(out)}
}

func try(program, dir string, form form, world *world, verbose bool) bool {
	file := filepath.Join(dir, "config")
	text := form.bytes(world, dir)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		panic(err)
	}
	theirs := byClientGo(file, world)
	theirs.kept = kept(file)
	// client-go may have written renewed tokens into it.
	if err := os.WriteFile(file, text, 0o600); err != nil {
		panic(err)
	}
	ours := byProgram(program, file, world)
	ours.kept = kept(file)
	if verbose {
		fmt.Printf("# %s\n#   client-go: %q %s\n#   program:   %q %s\n", form.name, theirs.came, theirs.said, ours.came,
			strings.ReplaceAll(strings.TrimSpace(ours.said), "\n", " | "))
	}
	wanted := theirs.came
	if form.ours != "" {
		wanted = form.ours
	}
	if (theirs.came != "") == form.refused {
		fmt.Printf("not ok %s: client-go came as %q, which is not what this form is for (%s)\n", form.name, theirs.came, theirs.said)
		return false
	}
	if ours.came != wanted {
		fmt.Printf("not ok %s: client-go came as %q (%s), the program as %q (%s)\n", form.name, theirs.came, theirs.said, ours.came,
			strings.ReplaceAll(strings.TrimSpace(ours.said), "\n", " | "))
		return false
	}
	if ours.kept != theirs.kept {
		fmt.Printf("not ok %s: client-go left %s in the file, the program %s\n", form.name, theirs.kept, ours.kept)
		return false
	}
	fmt.Printf("ok %s\n", form.name)
	return true
}

func main() {
	arguments, verbose := os.Args[1:], false
	if len(arguments) > 0 && arguments[0] == "-v" {
		arguments, verbose = arguments[1:], true
	}
	if len(arguments) < 1 {
		fmt.Fprintln(os.Stderr, "usage: parity [-v] PROGRAM [PART_OF_A_NAME]")
		os.Exit(2)
	}
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy", "KUBECONFIG"} {
		os.Unsetenv(name)
	}
	good := true
	for _, form := range slices.Concat(kubeconfigForms(), renewalForms(), certificateForms()) {
		if len(arguments) > 1 && !strings.Contains(form.name, arguments[1]) {
			continue
		}
		dir, err := os.MkdirTemp("", "parity")
		if err != nil {
			panic(err)
		}
		world := newWorld(form)
		good = try(arguments[0], dir, form, world, verbose) && good
		world.close()
		os.RemoveAll(dir)
	}
	if !good {
		os.Exit(1)
	}
}
