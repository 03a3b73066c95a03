// Every table of the console: sorting heads, links, heat cells, badges and bars. Cells are drawn as text, never as markup.
export default {
  props: { columns: Array, rows: Array, kind: String, caption: String, sort: String, descending: Boolean },
  emits: ["sort", "open"],
  template: `
    <div class="rg-sheet-scroll" :tabindex="scrolls ? 0 : undefined" :role="scrolls ? 'region' : undefined" :aria-label="scrolls ? caption : undefined" ref="scroll">
      <table class="rg-sheet" :class="kind">
        <caption>{{ caption }}</caption>
        <thead><tr>
          <th v-for="column in columns" :key="column.name" scope="col" :class="column.align" :title="column.hint"
              :aria-sort="column.name === sort ? (descending ? 'descending' : 'ascending') : undefined">
            <button v-if="column.sortable" type="button" @click="$emit('sort', column.name)">{{ column.label }}<span class="rg-i" aria-hidden="true" v-if="column.name === sort">{{ descending ? 'arrow_downward' : 'arrow_upward' }}</span></button>
            <template v-else>{{ column.label }}</template>
          </th>
        </tr></thead>
        <tbody>
          <tr v-for="(row, index) in rows" :key="row.key ?? index" :class="{ go: row.href || row.open, fresh: row.fresh }" :tabindex="row.open ? 0 : undefined"
              @click="go($event, row, index)" @keydown.enter.self="go($event, row, index)">
            <td v-for="(cell, at) in row.cells" :key="at" :data-label="columns[at] && columns[at].label" :title="cell.hint || undefined"
                :class="[columns[at] && columns[at].align, columns[at] && columns[at].width, cell.tone && !cell.badge ? cell.tone : '', { mono: cell.mono, heat: cell.heat !== undefined, partial: cell.partial, go: cell.href && cell.heat !== undefined }]"
                :style="paint(cell)">
              <svg v-if="cell.spark" class="rg-spark" :viewBox="'0 0 ' + cell.spark.length * 4 + ' 24'" preserveAspectRatio="none" role="img" :aria-label="cell.text">
                <rect v-for="(height, place) in bars(cell.spark)" :key="place" :x="place * 4" :y="24 - height" width="3" :height="height" /></svg>
              <template v-else-if="cell.badge"><span class="rg-badge" :class="cell.tone">{{ cell.text }}</span></template>
              <a v-else-if="cell.href" :href="cell.href" :style="cell.heat !== undefined ? 'color:inherit' : ''">{{ cell.text }}<span v-if="cell.sub" class="sub">{{ cell.sub }}</span></a>
              <button v-else-if="cell.action" type="button" class="rg-btn quiet" @click.stop="$emit('open', [index, cell.action])">{{ cell.text }}</button>
              <span v-else>{{ cell.text }}<span v-if="cell.sub" class="sub">{{ cell.sub }}</span></span>
              <span v-if="cell.bar !== undefined" class="bar" :style="{ width: Math.max(1, cell.bar * 100) + '%' }" aria-hidden="true"></span>
            </td>
          </tr>
        </tbody>
      </table>
    </div>`,
  data: () => ({ scrolls: false }),
  mounted() {
    this.watcher = new ResizeObserver(() => (this.scrolls = this.$refs.scroll && this.$refs.scroll.scrollWidth > this.$refs.scroll.clientWidth + 1));
    this.watcher.observe(this.$refs.scroll);
  },
  unmounted() {
    this.watcher.disconnect();
  },
  methods: {
    bars: (values) => window.regulars.bars(values, 24),
    paint(cell) {
      if (cell.heat === undefined || cell.heat === null) return undefined;
      const strength = Math.max(0, Math.min(1, cell.heat));
      // Shades end where the ordinary ink would fall below 4.5 : 1 on them.
      const deepest = document.body.classList.contains("body--dark") ? 0.56 : 0.74;
      return { backgroundColor: `rgba(var(--heat), ${(0.05 + strength * (deepest - 0.05)).toFixed(3)})`, color: "var(--ink)" };
    },
    go(event, row, index) {
      if (event.target.closest("a, button, input, select") || String(window.getSelection())) return;
      if (row.href) window.location.href = row.href;
      else if (row.open) this.$emit("open", [index, row.open]);
    },
  },
};
