// The course of the last seconds or minutes as bars; the newest stands at the right. Words come ready made from the server.
export default {
  props: { values: Array, words: Array, label: String, from: String, to: String },
  template: `
    <figure class="rg-pulse" role="img" :aria-label="label">
      <div class="rg-pulse-bars" aria-hidden="true">
        <i v-for="(height, at) in heights" :key="at" :style="{ height: height + '%' }" :class="{ none: !values[at] }" :title="words[at]"></i>
      </div>
      <figcaption aria-hidden="true"><span>{{ from }}</span><span>{{ to }}</span></figcaption>
    </figure>`,
  computed: {
    heights() {
      return window.regulars.bars(this.values, 100);
    },
  },
};
