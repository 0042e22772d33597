/** How each shell asks `pipl __complete` and offers what it answers. */
export type Shell = 'bash' | 'zsh' | 'fish' | 'powershell';

interface Script {
  readonly script: string;
  /** what to write where, so that it is there in every new shell */
  readonly use: string;
}

const bash = `# pipl completion for bash
_pipl() {
  local line="\${COMP_LINE:0:COMP_POINT}" words value about
  read -ra words <<< "$line"
  [[ "$line" == *[[:space:]] ]] && words+=("")
  COMPREPLY=()
  while IFS=$'\\t' read -r value about; do
    if [[ "$value" == ":files" ]]; then compopt -o default 2>/dev/null
    else COMPREPLY+=("$value")
    fi
  done < <(command pipl __complete "\${words[@]:1}" 2>/dev/null)
}
# A packl's name starts with @, which bash takes for the border of a word.
COMP_WORDBREAKS="\${COMP_WORDBREAKS//@/}"
complete -F _pipl pipl
`;

const zsh = `#compdef pipl
# pipl completion for zsh
_pipl() {
  local line value files
  local -a described
  for line in "\${(@f)$(command pipl __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    value="\${line%%$'\\t'*}"
    if [[ -z "$value" ]]; then continue
    elif [[ "$value" == ":files" ]]; then files=1
    elif [[ "$line" == *$'\\t'* ]]; then described+=("\${value//:/\\\\:}:\${line#*$'\\t'}")
    else described+=("\${value//:/\\\\:}")
    fi
  done
  (( \${#described} )) && _describe -V 'pipl' described
  [[ -n "$files" ]] && _files
  return 0
}
if [[ "$funcstack[1]" == "_pipl" ]]; then _pipl "$@"; else compdef _pipl pipl; fi
`;

const fish = `# pipl completion for fish
function __pipl_complete
  set -l words (commandline -opc) (commandline -ct)
  for line in (command pipl __complete $words[2..-1] 2>/dev/null)
    if test "$line" = ":files"
      __fish_complete_path (commandline -ct)
    else
      echo $line
    end
  end
end
complete -c pipl -f -k -a "(__pipl_complete)"
`;

const powershell = `# pipl completion for PowerShell
Register-ArgumentCompleter -Native -CommandName pipl -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
    Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
  pipl __complete @words "$wordToComplete" 2>$null | ForEach-Object {
    $value, $about = $_ -split "\`t", 2
    if ($value -ne ':files') {
      if (-not $about) { $about = $value }
      [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $about)
    }
  }
}
`;

export const scripts: Readonly<Record<Shell, Script>> = {
  bash: { script: bash, use: 'in ~/.bashrc: source <(pipl completion bash)' },
  zsh: { script: zsh, use: 'in ~/.zshrc, after compinit: source <(pipl completion zsh)' },
  fish: { script: fish, use: 'pipl completion fish > ~/.config/fish/completions/pipl.fish' },
  powershell: {
    script: powershell,
    use: 'in $PROFILE: pipl completion powershell | Out-String | Invoke-Expression',
  },
};
